// Signals as events of the loop, by signalfd(2): no code ever runs in a signal handler.
//   kill(2) → kernel's queue → signalfd → loop → then(Signal)
// Works as process 1 of a container too, for which the kernel drops signals that have neither a handler nor a block.
#pragma once

#include <sys/types.h>

#include <functional>
#include <initializer_list>
#include <optional>
#include <string>

#include "common/asio.hpp"
#include "proto/status.hpp"

namespace hubbub {

/// Blocks these in the calling thread and all that it starts later, and ignores SIGPIPE.
/// REQUIRES: called before the first thread is started; otherwise that thread would die of them.
void block_signals(std::initializer_list<int> numbers);

/// Its disposition is to be ignored, as the parent left it (nohup, `command &` in a script) or we did. A blocked signal
/// comes out of Signals all the same.
bool is_ignored_signal(int number);

struct Signal {
  int number = 0;
  pid_t sender_pid = 0;  ///< 0: the kernel (as for Ctrl+C), or from outside of the container
  uid_t sender_uid = 0;
};

/// "SIGTERM"; "signal 64" where it has no name.
std::string signal_name(int number);

class Signals {
 public:
  using Then = std::function<void(const Signal&)>;

  /// Calls `then` in the loop for each signal that comes, or came since it was blocked. Signals of one number that come
  /// faster than they are read may be told once. REQUIRES: block_signals() had all of `numbers`.
  /// Fails with unavailable if there is no descriptor left.
  Result<void> start(asio::io_context& loop, std::initializer_list<int> numbers, Then then);
  /// No more calls. The signals stay blocked.
  void stop();

 private:
  void wait();
  void take_all();

  std::optional<asio::posix::stream_descriptor> descriptor_;
  Then then_;
};

}  // namespace hubbub
