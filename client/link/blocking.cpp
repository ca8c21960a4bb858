#include "client/link/blocking.hpp"

namespace hubbub::link {

void BlockingLink::run_until(const bool& done) {
  while (!done) {
    loop_.restart();
    loop_.run_one();
  }
}

void BlockingLink::wait(asio::awaitable<void> call) {
  bool done = false;
  std::exception_ptr thrown;
  asio::co_spawn(loop_, std::move(call), [&](std::exception_ptr error) {
    thrown = std::move(error);
    done = true;
  });
  run_until(done);
  if (thrown) std::rethrow_exception(thrown);
}

std::optional<Incoming> BlockingLink::next_within(std::chrono::milliseconds timeout) {
  const auto deadline = std::chrono::steady_clock::now() + timeout;
  while (true) {
    if (auto event = link_.try_next()) return event;
    if (std::chrono::steady_clock::now() >= deadline) return std::nullopt;
    loop_.restart();
    loop_.run_one_until(deadline);
  }
}

}  // namespace hubbub::link
