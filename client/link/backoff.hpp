// How long to wait before the next try: doubles from `min` to `max`, and is never twice the same, so that the clients
// of a restarted hub don't come back all at once
// (https://aws.amazon.com/blogs/architecture/exponential-backoff-and-jitter: "equal jitter").
#pragma once

#include <algorithm>
#include <chrono>

namespace hubbub::link {

class Backoff {
 public:
  using Milliseconds = std::chrono::milliseconds;

  /// REQUIRES: 0 < min <= max.
  Backoff(Milliseconds min, Milliseconds max) : min_(min), max_(max), step_(min) {}

  /// The next wait: between half and all of the step. `chance` is in [0, 1).
  Milliseconds next(double chance) {
    const auto half = step_ / 2;
    const auto wait = step_ - half + std::chrono::duration_cast<Milliseconds>(half * chance);
    step_ = std::min(step_ * 2, max_);
    return wait;
  }

  void reset() { step_ = min_; }

 private:
  Milliseconds min_, max_, step_;
};

}  // namespace hubbub::link
