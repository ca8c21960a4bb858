// Cuts a stream of bytes into lines of which none grows without bound.
//   bytes --append--> each line, without its newline; of one that is too long the beginning, once
// Pure.
#pragma once

#include <cstddef>
#include <functional>
#include <string>
#include <string_view>

namespace hubbub::cli {

class BoundedLines {
 public:
  /// `cut`: the line is the first line_bytes_max bytes of a longer one.
  using Line = std::function<void(std::string_view line, bool cut)>;

  explicit BoundedLines(std::size_t line_bytes_max) : line_bytes_max_(line_bytes_max) {}

  /// Linear in `bytes`. What is given to `line` is valid during the call, which must not use this.
  void append(std::string_view bytes, const Line& line);
  /// The stream has ended: what no newline has ended is a line, too.
  void finish(const Line& line);

 private:
  void keep(std::string_view part, const Line& line);

  std::size_t line_bytes_max_;
  std::string partial_;
  bool skips_ = false;  ///< the rest of a line that was too long
};

}  // namespace hubbub::cli
