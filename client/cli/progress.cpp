#include "client/cli/progress.hpp"

#include <memory>

#include "client/cli/complain.hpp"
#include "client/cli/duration.hpp"
#include "client/cli/exit_codes.hpp"

namespace hubbub::cli {

namespace {

/// Looks once in each period whether fewer wait than before.
class Watchdog : public std::enable_shared_from_this<Watchdog> {
 public:
  explicit Watchdog(Shell& shell) : shell_(shell), timer_(shell.loop), waiting_(shell.link.unacknowledged()) {}

  void arm() {
    timer_.expires_after(shell_.globals.call_timeout());
    timer_.async_wait([weak = weak_from_this()](std::error_code error) {
      if (const auto self = weak.lock(); self && !error) self->look();
    });
  }

 private:
  void look() {
    const auto waiting = shell_.link.unacknowledged();
    if (waiting < waiting_) {
      waiting_ = waiting;
      return arm();
    }
    complain("the hub acknowledged nothing for " + show_duration(shell_.globals.call_timeout()) + "; " +
             std::to_string(waiting) + (waiting == 1 ? " message" : " messages") + " may or may not have arrived");
    shell_.stop(exit_code::deadline);
  }

  Shell& shell_;
  asio::steady_timer timer_;
  std::size_t waiting_;
};

}  // namespace

asio::awaitable<Result<void>> drain_with_progress(Shell& shell) {
  const auto watchdog = std::make_shared<Watchdog>(shell);
  watchdog->arm();
  co_return co_await shell.link.drain();
}

}  // namespace hubbub::cli
