// What the keyboard sends, as keys.
//   bytes --feed--> KeyDecoder --> Keys
//
// A key is a character, a control code, or an escape sequence; Alt is an escape before any of them. Sequences: those of
// xterm and its many kin (ECMA-48 CSI and SS3 with modifiers), and those of this terminal's own description. Anything
// else that looks like a sequence is swallowed as one unknown key. A paste between ESC[200~ and ESC[201~ is one key.
// Pure: a lone escape becomes a key when whoever reads says that nothing followed (see waits and flush), and so does a
// paste whose end was lost on the way.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "client/tui/input/key.hpp"

namespace hubbub::tui {

class KeyDecoder {
 public:
  KeyDecoder() = default;
  /// `own`: the terminal's own sequences, first of all others.
  explicit KeyDecoder(std::map<std::string, Key> own) : own_(std::move(own)) {}

  /// Whatever is complete by now.
  std::vector<Key> feed(std::string_view bytes);
  /// Half of something was read. When nothing more comes within a moment, or a good while in a paste, flush.
  [[nodiscard]] bool waits() const { return pasting_ || !buffer_.empty(); }
  [[nodiscard]] bool pasting() const { return pasting_; }
  /// An escape was just an escape, and a paste is over.
  std::vector<Key> flush();

 private:
  struct Taken {
    std::size_t bytes = 0;  ///< 0: not complete yet
    Key key;
  };
  std::vector<Key> drain(bool whole);
  Taken take(std::string_view text, bool whole) const;
  Taken take_escape(std::string_view text, bool whole) const;
  void add_to_paste(std::size_t bytes);
  bool end_paste(std::vector<Key>& keys);

  std::map<std::string, Key> own_;
  std::string buffer_;
  std::string pasted_;
  bool pasting_ = false;
};

}  // namespace hubbub::tui
