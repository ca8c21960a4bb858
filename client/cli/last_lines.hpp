// The end of a stream: its last lines, in as much memory as one message needs, however long the stream is.
//   bytes --append--> the last few KiB --text--> "…ast line but one\nlast line", harmless
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace hubbub::cli {

class LastLines {
 public:
  /// About a hundred lines of a compiler. Fits into a message however much of it has to be escaped.
  static constexpr std::size_t bytes_max = 8 * 1024;

  /// Linear in `bytes`, or in bytes_max if that is less.
  void append(std::string_view bytes);

  /// The last `lines_max` lines of them, without the newline of the last one; where a beginning is missing it says "…".
  /// Of a line that was written over and over (\r, as progress is shown) what is to be seen at its end. UTF-8 without
  /// control characters but the newlines and tabs.
  [[nodiscard]] std::string text(std::size_t lines_max) const;

 private:
  std::string end_;   ///< of the stream: at most twice bytes_max
  bool cut_ = false;  ///< there was something before it
};

}  // namespace hubbub::cli
