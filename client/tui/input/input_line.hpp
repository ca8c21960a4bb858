// The line that is being typed, with readline's editing. The cursor moves by grapheme cluster; a line feed may be part
// of the text (from a paste or Alt+Enter). Pure: keys become calls in input/bindings.cpp.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace hubbub::tui {

/// What was cut last (C-w, C-u, C-k, M-d), for C-y. Cuts in a row, with nothing else between them, add up.
struct KillBuffer {
  std::string text;
  bool adding = false;
};

class InputLine {
 public:
  [[nodiscard]] const std::string& text() const { return text_; }
  [[nodiscard]] std::size_t cursor() const { return cursor_; }  ///< in bytes, between two clusters
  [[nodiscard]] bool empty() const { return text_.empty(); }
  [[nodiscard]] std::size_t lines() const;

  /// The cursor goes to the end.
  void assign(std::string text);
  void insert(std::string_view text);
  /// Puts `with` in the place of bytes `from` to `to`, and the cursor behind it.
  void replace(std::size_t from, std::size_t to, std::string_view with);
  /// Takes the text away, and what can be undone with it.
  std::string take();
  void undo();

  void left();
  void right();
  void home() { cursor_ = 0; }
  void end() { cursor_ = text_.size(); }
  void word_left() { cursor_ = word_begin(); }
  void word_right() { cursor_ = word_end(); }

  void delete_left();
  void delete_right();
  void transpose();

  void kill_to_end(KillBuffer& kill) { kill_forward(text_.size(), kill); }
  void kill_to_start(KillBuffer& kill) { kill_backward(0, kill); }
  void kill_word_right(KillBuffer& kill) { kill_forward(word_end(), kill); }
  void kill_word_left(KillBuffer& kill) { kill_backward(word_begin(), kill); }
  /// As C-w does: back to the blank before the word.
  void kill_to_blank(KillBuffer& kill) { kill_backward(blank_begin(), kill); }
  void yank(const KillBuffer& kill) { insert(kill.text); }

 private:
  struct Moment {
    std::string text;
    std::size_t cursor;
  };
  void remember();
  void kill_forward(std::size_t to, KillBuffer& kill);
  void kill_backward(std::size_t from, KillBuffer& kill);
  [[nodiscard]] std::size_t before(std::size_t at) const;
  [[nodiscard]] std::size_t after(std::size_t at) const;
  [[nodiscard]] bool word_at(std::size_t at) const;
  [[nodiscard]] std::size_t word_begin() const;
  [[nodiscard]] std::size_t word_end() const;
  [[nodiscard]] std::size_t blank_begin() const;

  std::string text_;
  std::size_t cursor_ = 0;
  std::vector<Moment> undo_;
};

}  // namespace hubbub::tui
