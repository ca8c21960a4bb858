// What time it is, as something that a test can hold still.
//   SystemClock   the machine's
//   FakeClock     stands until it is told to advance
#pragma once

#include <atomic>
#include <chrono>

#include "proto/ids.hpp"

namespace hubbub {

class Clock {
 public:
  using Steady = std::chrono::steady_clock::time_point;

  virtual ~Clock() = default;
  /// To show and to keep. May jump when somebody sets the machine's clock.
  [[nodiscard]] virtual WallTime wall_now() const = 0;
  /// To measure with. Never goes back.
  [[nodiscard]] virtual Steady steady_now() const = 0;
};

class SystemClock final : public Clock {
 public:
  [[nodiscard]] WallTime wall_now() const override {
    const auto since_epoch = std::chrono::system_clock::now().time_since_epoch();
    return WallTime{static_cast<std::uint64_t>(std::chrono::nanoseconds(since_epoch).count())};
  }
  [[nodiscard]] Steady steady_now() const override { return std::chrono::steady_clock::now(); }
};

/// Any thread may read it; one advances it.
class FakeClock final : public Clock {
 public:
  explicit FakeClock(WallTime start = WallTime{1'700'000'000'000'000'000}) : wall_(start) {}

  void advance(std::chrono::nanoseconds by) {
    wall_ = WallTime{wall_.load().ns + static_cast<std::uint64_t>(by.count())};
    steady_ = steady_.load() + std::chrono::duration_cast<Steady::duration>(by);
  }
  [[nodiscard]] WallTime wall_now() const override { return wall_; }
  [[nodiscard]] Steady steady_now() const override { return steady_; }

 private:
  std::atomic<WallTime> wall_;
  std::atomic<Steady> steady_{Steady{std::chrono::hours(1)}};
};

}  // namespace hubbub
