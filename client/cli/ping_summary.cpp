#include "client/cli/ping_summary.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>

namespace hubbub::cli {

void PingSummary::add(double ms) {
  min_ = answered == 0 ? ms : std::min(min_, ms);
  max_ = std::max(max_, ms);
  sum_ += ms;
  square_sum_ += ms * ms;
  ++answered;
}

std::string PingSummary::show_ms(double ms) {
  std::array<char, 32> text{};
  const int size = std::snprintf(text.data(), text.size(), "%.3f", ms);
  return {text.data(), static_cast<std::size_t>(size)};
}

std::string PingSummary::str(std::chrono::milliseconds took) const {
  const auto lost = sent == 0 ? 0 : (sent - answered) * 100 / sent;
  auto text = std::to_string(sent) + " sent, " + std::to_string(answered) + " answered, " + std::to_string(lost) +
              "% lost, time " + std::to_string(took.count()) + " ms\n";
  if (answered == 0) return text;
  const double mean = sum_ / static_cast<double>(answered);
  const double spread = std::sqrt(std::max(0.0, square_sum_ / static_cast<double>(answered) - mean * mean));
  return text + "min/avg/max/mdev = " + show_ms(min_) + "/" + show_ms(mean) + "/" + show_ms(max_) + "/" +
         show_ms(spread) + " ms\n";
}

}  // namespace hubbub::cli
