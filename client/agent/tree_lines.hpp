// Cuts what comes out of `in` into lines, whatever comes.
//   bytes --take--> each line, without its newline    finish --> the last one, if no newline ended it
// Pure. A line that came in one piece is handed out where it lies. One that is too long is counted and not kept, so
// that what is held never exceeds the limit.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace hubbub::agent {

class TreeLines {
 public:
  explicit TreeLines(std::size_t line_bytes_max) : line_bytes_max_(line_bytes_max) {}

  struct Line {
    std::string_view text;    ///< borrows from the bytes or from here, until the next call; empty if it is too long
    std::uint64_t bytes = 0;  ///< that it had
    bool is_too_long = false;
  };

  /// Takes the next line off the front of `bytes`. False when there is no newline any more: what is left is kept.
  bool take(std::string_view& bytes, Line& line);
  /// The line that has no newline; false if there is none.
  bool finish(Line& line);

  [[nodiscard]] bool has_unfinished() const { return bytes_ > 0; }

 private:
  void keep(std::string_view bytes);
  Line end();

  std::size_t line_bytes_max_;
  std::string kept_;         ///< of the unfinished line, unless it is too long
  std::string given_;        ///< the line that was handed out last, if it came in pieces
  std::uint64_t bytes_ = 0;  ///< of the unfinished line
};

}  // namespace hubbub::agent
