#include "client/cli/interrupts.hpp"

#include <csignal>
#include <cstdlib>
#include <utility>

#include "client/cli/complain.hpp"

namespace hubbub::cli {

Interrupts::Interrupts(asio::io_context& loop, std::function<void(int)> on_signal) : on_signal_(std::move(on_signal)) {
  block_signals({SIGINT, SIGTERM, SIGHUP});
  const auto started =
      signals_.start(loop, {SIGINT, SIGTERM, SIGHUP}, [this](const Signal& signal) { take(signal.number); });
  if (!started) complain(started.error());
}

void Interrupts::take(int number) {
  if (is_ignored_signal(number)) return;
  if (std::exchange(signalled_, true)) std::_Exit(128 + number);
  on_signal_(number);
}

}  // namespace hubbub::cli
