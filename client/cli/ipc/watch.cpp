#include "client/cli/ipc/watch.hpp"

#include <algorithm>

namespace hubbub::ipc {

namespace {

bool is_ignored(int number) {
  struct sigaction now {};
  return ::sigaction(number, nullptr, &now) == 0 && now.sa_handler == SIG_IGN;
}

timespec as_timespec(std::chrono::milliseconds time) {
  return {static_cast<time_t>(time.count() / 1000), static_cast<long>(time.count() % 1000 * 1'000'000)};
}

}  // namespace

Watch::Watch() {
  std::signal(SIGCHLD, SIG_DFL);  // where it is ignored, children that have ended leave no trace
  sigemptyset(&waited_for_);
  sigaddset(&waited_for_, SIGCHLD);
  for (const int number : {SIGINT, SIGTERM, SIGHUP})
    if (!is_ignored(number)) sigaddset(&waited_for_, number);
  ::sigprocmask(SIG_BLOCK, &waited_for_, &before_);
}

Watch::~Watch() { ::sigprocmask(SIG_SETMASK, &before_, nullptr); }

std::chrono::milliseconds Watch::wait(std::chrono::milliseconds at_most) {
  const auto begun = std::chrono::steady_clock::now();
  const auto time = as_timespec(at_most);
  const int number = ::sigtimedwait(&waited_for_, nullptr, &time);
  if (number > 0 && number != SIGCHLD) interrupted_by_ = number;
  const auto took = std::chrono::ceil<std::chrono::milliseconds>(std::chrono::steady_clock::now() - begun);
  return std::min(took, at_most);
}

}  // namespace hubbub::ipc
