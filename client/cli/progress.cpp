#include "client/cli/progress.hpp"

#include <memory>
#include <utility>

#include "client/cli/complain.hpp"
#include "client/cli/exit_codes.hpp"
#include "common/duration.hpp"

namespace hubbub::cli {

namespace {

/// Looks once in each period whether fewer wait than before. More wait where the link has gone another way, with an
/// outbox in which something was left: then it counts from there.
class Watchdog : public std::enable_shared_from_this<Watchdog> {
 public:
  Watchdog(asio::io_context& loop, link::Link& link, std::chrono::milliseconds patience, std::function<void()> stuck)
      : link_(link), patience_(patience), stuck_(std::move(stuck)), timer_(loop), waiting_(link.unacknowledged()) {}

  void arm() {
    timer_.expires_after(patience_);
    timer_.async_wait([weak = weak_from_this()](std::error_code error) {
      if (const auto self = weak.lock(); self && !error) self->look();
    });
  }

 private:
  void look() {
    const auto waiting = link_.unacknowledged();
    if (waiting == waiting_) return stuck_();
    waiting_ = waiting;
    arm();
  }

  link::Link& link_;
  std::chrono::milliseconds patience_;
  std::function<void()> stuck_;
  asio::steady_timer timer_;
  std::size_t waiting_;
};

}  // namespace

asio::awaitable<Result<void>> drain_with_progress(asio::io_context& loop, link::Link& link,
                                                  std::chrono::milliseconds patience, std::function<void()> stuck) {
  const auto watchdog = std::make_shared<Watchdog>(loop, link, patience, std::move(stuck));
  watchdog->arm();
  co_return co_await link.drain();
}

asio::awaitable<Result<void>> drain_with_progress(Shell& shell, std::function<void()> stuck) {
  co_return co_await drain_with_progress(shell.loop, shell.link, shell.globals.call_timeout(), std::move(stuck));
}

void stop_stuck(Shell& shell) {
  complain("the hub acknowledged nothing for " + show_duration(shell.globals.call_timeout()) + "; " +
           link::show_count(shell.link.unacknowledged()) + " may or may not have arrived");
  shell.stop(exit_code::deadline);
}

}  // namespace hubbub::cli
