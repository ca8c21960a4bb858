// A logarithmic scale: from the power of ten below the smallest value to the one above the largest. Pure.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <vector>

namespace hubbub::ipc {

class LogScale {
 public:
  /// REQUIRES: `values` isn't empty. What isn't above zero counts as one.
  LogScale(const std::vector<double>& values, std::size_t columns) : columns_(columns) {
    const auto [least, most] = std::ranges::minmax(values);
    first_ = static_cast<int>(std::floor(std::log10(std::max(1.0, least))));
    last_ = std::max(first_ + 1, static_cast<int>(std::ceil(std::log10(std::max(1.0, most)))));
  }

  [[nodiscard]] std::size_t columns() const { return columns_; }

  /// From 0 at the scale's beginning to columns() at its end.
  [[nodiscard]] std::size_t column_of(double value) const {
    const double share = (std::log10(std::max(1.0, value)) - first_) / (last_ - first_);
    return static_cast<std::size_t>(std::lround(std::clamp(share, 0.0, 1.0) * static_cast<double>(columns_)));
  }

  /// The powers of ten on it, rising.
  [[nodiscard]] std::vector<double> powers() const {
    std::vector<double> list;
    for (int power = first_; power <= last_; ++power) list.push_back(std::pow(10, power));
    return list;
  }

 private:
  int first_, last_;  ///< powers of ten
  std::size_t columns_;
};

}  // namespace hubbub::ipc
