// What a coroutine waits on for others to change something: a condition variable for one thread.
//   while (!condition) if (!co_await wake.wait()) cancelled;            elsewhere: condition = true; wake.all();
#pragma once

#include <chrono>

#include "common/asio.hpp"

namespace hubbub::link {

class Wake {
 public:
  explicit Wake(asio::io_context& loop,
                std::chrono::steady_clock::time_point until = asio::steady_timer::time_point::max())
      : timer_(loop, until) {}

  /// Returns at the next all(), or at the time given at the start: look again at what you wait for. False if the
  /// coroutine was cancelled; then it must come to an end.
  asio::awaitable<bool> wait() {
    std::error_code woken;
    co_await timer_.async_wait(asio::redirect_error(asio::use_awaitable, woken));
    const auto state = co_await asio::this_coro::cancellation_state;
    co_return state.cancelled() == asio::cancellation_type::none;
  }

  /// Wakes whoever waits now. They run later, in the loop.
  void all() { timer_.cancel(); }

 private:
  asio::steady_timer timer_;
};

}  // namespace hubbub::link
