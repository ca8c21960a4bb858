// The last lines of ping: counts, loss, and the spread of the times.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>

namespace hubbub::cli {

struct PingSummary {
  std::uint64_t sent = 0;
  std::uint64_t answered = 0;

  void add(double ms);
  /// Two lines; one if nothing was answered. `took`: from the first to now.
  [[nodiscard]] std::string str(std::chrono::milliseconds took) const;
  static std::string show_ms(double ms);  ///< three digits after the point

 private:
  double min_ = 0, max_ = 0, sum_ = 0, square_sum_ = 0;
};

}  // namespace hubbub::cli
