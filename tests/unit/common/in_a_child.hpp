// For what may end the process or changes it for good: signals, masks, limits.
#pragma once

#include <sys/wait.h>
#include <unistd.h>

#include <string>

#include "common/signals.hpp"

namespace hubbub {

/// One line to the test, from within the child.
inline void tell(int pipe, std::string text) {
  text += '\n';
  if (::write(pipe, text.data(), text.size()) < 0) ::_exit(99);
}

/// Runs `act(pipe)` in a child. Returns what it told, then how it ended: "exit 0", "killed by SIGTERM".
template <class Act>
std::string in_a_child(Act&& act) {
  int ends[2];
  if (::pipe(ends) != 0) return "no pipe";
  const auto child = ::fork();
  if (child == 0) {
    ::close(ends[0]);
    ::alarm(20);  // a test that hangs fails
    act(ends[1]);
    ::_exit(0);
  }
  ::close(ends[1]);
  std::string told;
  char buffer[256];
  for (ssize_t size; (size = ::read(ends[0], buffer, sizeof buffer)) > 0;)
    told.append(buffer, static_cast<std::size_t>(size));
  ::close(ends[0]);
  int status = 0;
  ::waitpid(child, &status, 0);
  return told + (WIFSIGNALED(status) ? "killed by " + signal_name(WTERMSIG(status))
                                     : "exit " + std::to_string(WEXITSTATUS(status)));
}

}  // namespace hubbub
