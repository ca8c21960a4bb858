// Ctrl-C, SIGTERM and SIGHUP of a command, as a call in its loop.
//   the first signal --> on_signal(number)     the second one: the end, at once
// What the parent has set to be ignored (nohup, `command &` in a script) stays ignored.
#pragma once

#include <functional>

#include "common/signals.hpp"

namespace hubbub::cli {

class Interrupts {
 public:
  Interrupts(asio::io_context& loop, std::function<void(int)> on_signal);

 private:
  void take(int number);

  Signals signals_;
  std::function<void(int)> on_signal_;
  bool signalled_ = false;
};

}  // namespace hubbub::cli
