// What a command says on its stderr, and what is to be said about it, at a rate that somebody can follow.
//   lines --tell--> harmless, cut, so many a second --> Tell
#pragma once

#include <chrono>
#include <cstdint>
#include <string_view>
#include <utility>

#include "client/cli/serve/handler.hpp"

namespace hubbub::cli {

class Told {
 public:
  static constexpr std::uint32_t lines_per_second_max = 100;

  explicit Told(Tell tell) : tell_(std::move(tell)) {}
  ~Told() { tell_left_out(); }
  Told(const Told&) = delete;
  Told& operator=(const Told&) = delete;

  /// Past the rate it is left out. How many were is told before the next line that isn't, or in the end.
  void tell(std::string_view line) { tell({}, line); }
  /// Both together are the line.
  void tell(std::string_view introduction, std::string_view line);

 private:
  void tell_left_out();

  Tell tell_;
  std::chrono::steady_clock::time_point second_began_;
  std::uint32_t lines_left_ = 0;  ///< in this second
  std::uint64_t left_out_ = 0;
};

/// Writes to our stderr, and never waits for it: what it doesn't take at once is lost.
Tell tell_on_stderr(asio::io_context& loop);

}  // namespace hubbub::cli
