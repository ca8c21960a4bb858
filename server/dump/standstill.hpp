// All cores stand still for a moment, so that one of them sees a consistent picture of what all of them hold.
//   this core: wait_for_others() … release()        each other core: stand()
// Nobody waits for a core that might wait: a core's tasks never block.
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>

namespace hubbub::server {

class Standstill {
 public:
  explicit Standstill(unsigned others) : missing_(others) {}

  /// On another core: returns once release() was called.
  void stand() {
    auto none = std::int64_t{0};
    begun_ns_.compare_exchange_strong(none, now_ns());
    if (missing_.fetch_sub(1) == 1) missing_.notify_all();
    released_.wait(false);
  }
  /// Returns once every other core stands.
  void wait_for_others() {
    for (auto left = missing_.load(); left != 0; left = missing_.load()) missing_.wait(left);
    auto none = std::int64_t{0};
    begun_ns_.compare_exchange_strong(none, now_ns());
  }
  /// Returns for how long the first to stand has stood.
  std::chrono::nanoseconds release() {
    const auto stood = std::chrono::nanoseconds(now_ns() - begun_ns_.load());
    released_ = true;
    released_.notify_all();
    return stood;
  }

 private:
  static std::int64_t now_ns() {
    return std::chrono::nanoseconds(std::chrono::steady_clock::now().time_since_epoch()).count();
  }
  std::atomic<unsigned> missing_;
  std::atomic<bool> released_{false};
  std::atomic<std::int64_t> begun_ns_{0};
};

}  // namespace hubbub::server
