// How long the newest calls took.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace hubbub::server {

/// Of the newest `newest_max` exactly, of those before nothing.
class Latencies {
 public:
  static constexpr std::size_t newest_max = 512;

  void add(std::uint32_t us) {
    if (newest_.size() < newest_max)
      newest_.push_back(us);
    else
      newest_[added_ % newest_max] = us;
    ++added_;
  }

  /// In microseconds: so many `percent` took no longer (nearest rank). Zero where none was added.
  [[nodiscard]] std::uint32_t percentile(unsigned percent) const {
    if (newest_.empty()) return 0;
    auto sorted = newest_;
    const auto rank = std::max<std::size_t>((sorted.size() * percent + 99) / 100, 1) - 1;
    std::ranges::nth_element(sorted, sorted.begin() + static_cast<std::ptrdiff_t>(rank));
    return sorted[rank];
  }

 private:
  std::vector<std::uint32_t> newest_;
  std::uint64_t added_ = 0;
};

}  // namespace hubbub::server
