// The command of `hubbub run`, from its start to its end, and what a terminal or others have to say to it meanwhile.
//   start --> runs --> ended(wait status)
//     SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGUSR1, SIGUSR2, SIGTSTP to us --> the command's process group
//     the command stops (Ctrl-Z) --> we stop, with our group, so that the shell sees it --> SIGCONT --> both go on
// What our parent has set to be ignored (nohup, `command &` in a script) isn't passed on.
#pragma once

#include <sys/types.h>

#include <functional>
#include <string>
#include <vector>

#include "client/cli/run_terminal.hpp"
#include "common/signals.hpp"

namespace hubbub::cli {

class RunJob {
 public:
  /// Blocks the signals that are passed on. REQUIRES: no other thread was started yet.
  RunJob();

  /// Returns the error number of the start, or 0. `error_stream` becomes its stderr.
  int start(const std::vector<std::string>& words, int error_stream);
  [[nodiscard]] pid_t pid() const { return pid_; }

  /// Waits for its end, in place of watch(). Returns its wait status. REQUIRES: it was started.
  int wait();
  /// Calls `ended` once, with what wait(2) tells, and for each signal that comes after that `interrupted`.
  void watch(asio::io_context& loop, std::function<void(int)> ended, std::function<void()> interrupted);

  /// As a shell wants to see it after Ctrl-C, so that it ends its script or loop, too. Doesn't return, unless SIGINT is
  /// ignored. REQUIRES: the command has ended by SIGINT.
  void die_of_interrupt() const;

 private:
  void take(int number);
  void look_for_change();
  void has_stopped(int number);
  [[nodiscard]] bool stop_with_group() const;
  void go_on();
  void has_ended(int wait_status);
  void signal(int number) const;

  RunTerminal terminal_;
  bool begins_in_front_ = false;  ///< of the terminal, and is put there again whenever we are
  bool had_terminal_ = false;     ///< at its end
  pid_t pid_ = -1;
  bool has_ended_ = false;
  bool passed_stop_on_ = false;  ///< a SIGTSTP to us: that the command stops is meant for us, too
  Signals signals_;
  std::function<void(int)> ended_;
  std::function<void()> interrupted_;
};

}  // namespace hubbub::cli
