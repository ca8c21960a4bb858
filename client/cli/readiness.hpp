// Waits in the loop for a descriptor whose open file others share: stdin, stdout, all that a shell hands on.
//   fd --> an epoll of our own --> Asio --> ready()
// Asio makes what it waits for non-blocking. On stdin that would be so for everybody who has it, and after our end; an
// epoll that watches stdin belongs to us alone, and is itself readable when stdin is ready (epoll(7)).
#pragma once

#include <cstdint>
#include <optional>

#include "common/asio.hpp"

namespace hubbub::cli {

class Readiness {
 public:
  /// `events`: EPOLLIN or EPOLLOUT; 0 waits for nothing but an error or the other end's going.
  /// REQUIRES: `fd` stays open as long as this.
  Readiness(asio::io_context& loop, int fd, std::uint32_t events);

  /// False for what epoll(7) can't watch: regular files, which are always ready.
  [[nodiscard]] bool can_wait() const { return waiting_.has_value(); }
  /// Returns at once where it can't wait. Throws operation_aborted if the coroutine is cancelled.
  asio::awaitable<void> ready();
  /// Calls `then` once; never, if this goes before.
  template <class Handler>
  void when_ready(Handler then) {
    if (!waiting_) return;
    waiting_->async_wait(asio::posix::stream_descriptor::wait_read, [then = std::move(then)](std::error_code error) {
      if (!error) then();
    });
  }

 private:
  std::optional<asio::posix::stream_descriptor> waiting_;
};

}  // namespace hubbub::cli
