// At most so many a second, and so many at once.
#pragma once

#include <algorithm>
#include <chrono>
#include <cstdint>

namespace hubbub::server {

class TokenBucket {
 public:
  /// Full at first. A rate of zero means no limit.
  TokenBucket(std::uint64_t per_second, std::uint64_t burst)
      : rate_(per_second), burst_(burst == 0 ? per_second : burst) {
    tokens_ = static_cast<double>(burst_);
  }

  /// Takes one if there is one.
  bool take(std::chrono::steady_clock::time_point now) {
    if (rate_ == 0) return true;
    const std::chrono::duration<double> passed = now - filled_at_;
    filled_at_ = now;
    tokens_ =
        std::min(static_cast<double>(burst_), tokens_ + std::max(0.0, passed.count()) * static_cast<double>(rate_));
    if (tokens_ < 1) return false;
    tokens_ -= 1;
    return true;
  }

 private:
  std::uint64_t rate_, burst_;
  double tokens_ = 0;
  std::chrono::steady_clock::time_point filled_at_;
};

}  // namespace hubbub::server
