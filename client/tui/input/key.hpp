// One thing that a person does at the keyboard, free of how terminals encode it (terminal/keys.hpp does that).
#pragma once

#include <cstdint>
#include <string>

namespace hubbub::tui {

enum class KeyCode : std::uint8_t {
  text,   ///< `text` is what was typed, usually one code point; with ctrl, the lower-case letter or sign
  paste,  ///< `text` is the whole of a bracketed paste
  enter,
  tab,
  escape,
  backspace,
  del,
  up,
  down,
  left,
  right,
  home,
  end,
  page_up,
  page_down,
  unknown,  ///< a sequence that means nothing here; ignored, so that it never ends up as text
};

struct Key {
  KeyCode code = KeyCode::unknown;
  std::string text;
  bool ctrl = false;
  bool alt = false;
  bool shift = false;
  bool operator==(const Key&) const = default;

  static Key of(KeyCode code) { return {code, {}}; }
  static Key typed(std::string text) { return {KeyCode::text, std::move(text)}; }
  static Key control(char letter) { return {KeyCode::text, std::string(1, letter), true}; }
  static Key meta(char letter) { return {KeyCode::text, std::string(1, letter), false, true}; }
};

}  // namespace hubbub::tui
