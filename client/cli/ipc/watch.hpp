// What a parent waits for: its children to end, somebody to interrupt it, or the time.
//   SIGCHLD, SIGINT, SIGTERM, SIGHUP --blocked--> wait()
// No code runs in a signal handler, and none of them ends the parent before it has cleared up. What is set to be
// ignored (nohup, `command &` in a script) stays ignored.
#pragma once

#include <chrono>
#include <csignal>

namespace hubbub::ipc {

class Watch {
 public:
  Watch();
  ~Watch();  ///< Signals work as before; one that has come meanwhile does what it does then.
  Watch(const Watch&) = delete;
  Watch& operator=(const Watch&) = delete;

  /// Until a signal comes, be it that a child has ended, at most so long. Returns how long it took, but never more than
  /// `at_most`: the time in which the program itself stood still (Ctrl-Z) doesn't count.
  std::chrono::milliseconds wait(std::chrono::milliseconds at_most);

  /// What has interrupted it, or zero.
  [[nodiscard]] int interrupted_by() const { return interrupted_by_; }

 private:
  sigset_t waited_for_{}, before_{};
  int interrupted_by_ = 0;
};

}  // namespace hubbub::ipc
