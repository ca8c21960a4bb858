#include "client/tui/terminal/keys.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <utility>

#include "client/tui/text/clusters.hpp"
#include "proto/limits.hpp"

namespace hubbub::tui {

namespace {

constexpr char escape = '\x1b';
constexpr std::string_view console_function_key = "\x1b[[";  // and a letter: F1 to F5 of the Linux console
constexpr std::string_view paste_begin = "\x1b[200~";
constexpr std::string_view paste_end = "\x1b[201~";
constexpr std::size_t sequence_bytes_max = 32;                        // longer ones are noise on the line
constexpr std::size_t pasted_bytes_max = 2 * limits::body_bytes_max;  // more than can be sent is also too much to keep

struct Final {
  char letter;
  KeyCode code;
};
constexpr std::array finals = {Final{'A', KeyCode::up},   Final{'B', KeyCode::down}, Final{'C', KeyCode::right},
                               Final{'D', KeyCode::left}, Final{'H', KeyCode::home}, Final{'F', KeyCode::end}};
// Of a keypad, behind ESC O. Behind ESC [ they are a mouse's and the news that the window has the keyboard now.
constexpr std::array keypad_finals = {Final{'M', KeyCode::enter}, Final{'I', KeyCode::tab}};

struct Numbered {
  int number;
  KeyCode code;
};
constexpr std::array numbered = {Numbered{1, KeyCode::home},      Numbered{3, KeyCode::del},
                                 Numbered{4, KeyCode::end},       Numbered{5, KeyCode::page_up},
                                 Numbered{6, KeyCode::page_down}, Numbered{7, KeyCode::home},
                                 Numbered{8, KeyCode::end}};

// xterm's modifiers: 1 + shift 1, alt 2, ctrl 4.
void modify(Key& key, int modifier) {
  const int bits = std::max(0, modifier - 1);
  key.shift = (bits & 1) != 0;
  key.alt = (bits & 2) != 0;
  key.ctrl = (bits & 4) != 0;
}

int number_at(std::string_view text) {
  int number = 0;
  std::from_chars(text.data(), text.data() + text.size(), number);
  return number;
}

// `parameters` are what stands between "ESC [" or "ESC O" and the final byte: "", "5", "1;5".
Key key_of_sequence(char introducer, std::string_view parameters, char last) {
  Key key;
  const auto semicolon = parameters.find(';');
  if (semicolon != std::string_view::npos) modify(key, number_at(parameters.substr(semicolon + 1)));
  if (last == 'Z') return {KeyCode::tab, {}, false, false, true};
  if (last == '~') {
    const auto number = number_at(parameters);
    for (const auto& row : numbered)
      if (row.number == number) key.code = row.code;
  } else {
    for (const auto& row : finals)
      if (row.letter == last) key.code = row.code;
    for (const auto& row : keypad_finals)
      if (introducer == 'O' && row.letter == last) key.code = row.code;
  }
  return key.code == KeyCode::unknown ? Key{} : key;
}

Key key_of_control(unsigned char byte) {
  switch (byte) {
    case '\r':
    case '\n': return Key::of(KeyCode::enter);
    case '\t': return Key::of(KeyCode::tab);
    case 0x7F: return Key::of(KeyCode::backspace);
    case 0: return Key::of(KeyCode::unknown);
    default: break;
  }
  if (byte >= 1 && byte <= 26) return Key::control(static_cast<char>('a' + byte - 1));
  return Key::control(static_cast<char>(byte + 0x40));
}

}  // namespace

std::vector<Key> KeyDecoder::feed(std::string_view bytes) {
  buffer_ += bytes;
  return drain(false);
}

std::vector<Key> KeyDecoder::flush() {
  if (!pasting_) return drain(true);
  add_to_paste(buffer_.size());
  pasting_ = false;
  return {{KeyCode::paste, std::exchange(pasted_, {})}};
}

void KeyDecoder::add_to_paste(std::size_t bytes) {
  pasted_.append(buffer_, 0, std::min(bytes, pasted_bytes_max - pasted_.size()));
  buffer_.erase(0, bytes);
}

// Keeps back what could be the beginning of the end marker.
bool KeyDecoder::end_paste(std::vector<Key>& keys) {
  const auto end = buffer_.find(paste_end);
  if (end == std::string::npos) {
    add_to_paste(buffer_.size() - std::min(buffer_.size(), paste_end.size() - 1));
    return false;
  }
  add_to_paste(end);
  buffer_.erase(0, paste_end.size());
  keys.push_back({KeyCode::paste, std::exchange(pasted_, {})});
  pasting_ = false;
  return true;
}

std::vector<Key> KeyDecoder::drain(bool whole) {
  std::vector<Key> keys;
  while (!buffer_.empty()) {
    if (pasting_) {
      if (!end_paste(keys)) break;
    } else if (buffer_.starts_with(paste_begin)) {
      buffer_.erase(0, paste_begin.size());
      pasting_ = true;
    } else {
      auto taken = take(buffer_, whole);
      if (taken.bytes == 0) break;
      buffer_.erase(0, taken.bytes);
      keys.push_back(std::move(taken.key));
    }
  }
  return keys;
}

KeyDecoder::Taken KeyDecoder::take(std::string_view text, bool whole) const {
  for (const auto& [sequence, key] : own_) {
    if (text.starts_with(sequence)) return {sequence.size(), key};
    if (!whole && text.size() > 1 && sequence.starts_with(text)) return {};
  }
  const auto first = static_cast<unsigned char>(text[0]);
  if (first == escape) return take_escape(text, whole);
  if (first < 0x20 || first == 0x7F) return {1, key_of_control(first)};
  const auto needed = first < 0x80 ? 1u : first >= 0xF0 ? 4u : first >= 0xE0 ? 3u : 2u;
  const auto point = code_point_at(text, 0);
  if (point.value < 0) return text.size() < needed && !whole ? Taken{} : Taken{1, Key{}};
  return {point.bytes, Key::typed(std::string(text.substr(0, point.bytes)))};
}

KeyDecoder::Taken KeyDecoder::take_escape(std::string_view text, bool whole) const {
  if (text.size() == 1) return whole ? Taken{1, Key::of(KeyCode::escape)} : Taken{};
  if (text.starts_with(console_function_key)) {
    const auto size = console_function_key.size() + 1;
    if (text.size() >= size || whole) return {std::min(text.size(), size), Key{}};
    return {};
  }
  if (text[1] == '[' || text[1] == 'O') {
    const auto end = std::find_if(text.begin() + 2, text.end(), [](char c) { return c >= 0x40 && c <= 0x7E; });
    if (end != text.end()) {
      const auto size = static_cast<std::size_t>(end - text.begin());
      return {size + 1, key_of_sequence(text[1], text.substr(2, size - 2), *end)};
    }
    if (text.size() > sequence_bytes_max) return {text.size(), Key{}};
    if (!whole) return {};
    if (text.size() > 2) return {text.size(), Key{}};
  }
  if (text[1] == escape) return {1, Key::of(KeyCode::escape)};
  auto behind = take(text.substr(1), whole);
  if (behind.bytes == 0) return {};
  behind.key.alt = true;
  return {behind.bytes + 1, behind.key};
}

}  // namespace hubbub::tui
