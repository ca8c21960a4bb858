#include "client/cli/ipc/child.hpp"

#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <utility>

#include "client/cli/ipc/mechanism.hpp"

namespace hubbub::ipc {

namespace {

/// How it ended; a code of zero while it runs.
siginfo_t end_of(pid_t pid) {
  siginfo_t info{};
  ::waitid(P_PID, static_cast<id_t>(pid), &info, WEXITED | WNOHANG | WNOWAIT);
  return info.si_pid == pid ? info : siginfo_t{};
}

}  // namespace

Result<Child> Child::start(const std::function<bool()>& work) {
  const pid_t parent = ::getpid();
  const pid_t pid = ::fork();
  if (pid < 0) return cannot("start a process");
  if (pid > 0) return Child(pid);
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (::getppid() != parent) ::_exit(1);  // it has ended before that call
  std::signal(SIGPIPE, SIG_IGN);          // that the other process is gone, a call tells
  ::_exit(work() ? 0 : 1);
}

Child::Child(Child&& other) noexcept : pid_(std::exchange(other.pid_, -1)) {}

Child::~Child() {
  if (pid_ < 0) return;
  kill();
  ::waitpid(pid_, nullptr, 0);
}

Child::State Child::state() const {
  const auto info = end_of(pid_);
  if (info.si_code == 0) return State::runs;
  if (info.si_code != CLD_EXITED) return State::killed;
  return info.si_status == 0 ? State::ended_well : State::failed;
}

int Child::killed_by() const { return end_of(pid_).si_status; }

void Child::kill() const { ::kill(pid_, SIGKILL); }

}  // namespace hubbub::ipc
