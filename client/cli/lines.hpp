// Cuts a stream of bytes into lines.
//   bytes --feed--> each whole line, without its newline    finish --> the last one, if no newline ended it
// Pure. A line that came in one piece is handed out where it lies; only a partial one is kept.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace hubbub::cli {

class LineSplitter {
 public:
  /// Lines longer than `line_bytes_max` end the reading: see too_long().
  explicit LineSplitter(std::size_t line_bytes_max) : line_bytes_max_(line_bytes_max) {}

  /// Takes the next line off the front of `bytes`; false when there is no whole one any more (what is left is kept) or
  /// one is too long. `line` borrows from `bytes` or from the splitter, until the next call.
  bool take_line(std::string_view& bytes, std::string_view& line);
  /// The unfinished line at the end of the input; false if there is none.
  bool take_rest(std::string_view& line);

  [[nodiscard]] bool too_long() const { return too_long_; }
  /// Lines handed out so far.
  [[nodiscard]] std::uint64_t count() const { return count_; }

 private:
  void keep(std::string_view& bytes);

  std::size_t line_bytes_max_;
  std::string partial_;
  bool partial_given_ = false;  ///< partial_ was handed out as a line and is to be cleared
  bool too_long_ = false;
  std::uint64_t count_ = 0;
};

}  // namespace hubbub::cli
