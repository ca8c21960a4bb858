#include "common/signals.hpp"

#include <fmt/format.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstring>

namespace hubbub {

namespace {

sigset_t set_of(std::initializer_list<int> numbers) {
  sigset_t set;
  sigemptyset(&set);
  for (const int number : numbers) sigaddset(&set, number);
  return set;
}

}  // namespace

void block_signals(std::initializer_list<int> numbers) {
  const auto set = set_of(numbers);
  ::pthread_sigmask(SIG_BLOCK, &set, nullptr);
  std::signal(SIGPIPE, SIG_IGN);
}

bool is_ignored_signal(int number) {
  struct sigaction now {};
  return ::sigaction(number, nullptr, &now) == 0 && now.sa_handler == SIG_IGN;
}

std::string signal_name(int number) {
  const char* const name = ::sigabbrev_np(number);
  return name != nullptr ? std::string("SIG") + name : "signal " + std::to_string(number);
}

Result<void> Signals::start(asio::io_context& loop, std::initializer_list<int> numbers, Then then) {
  const auto set = set_of(numbers);
  const int descriptor = ::signalfd(-1, &set, SFD_NONBLOCK | SFD_CLOEXEC);
  if (descriptor < 0)
    return fail(Status::unavailable, fmt::format("can't receive signals (signalfd: {})", std::strerror(errno)));
  descriptor_.emplace(loop, descriptor);
  then_ = std::move(then);
  wait();
  return {};
}

void Signals::stop() { descriptor_.reset(); }

void Signals::wait() {
  descriptor_->async_wait(asio::posix::stream_descriptor::wait_read, [this](std::error_code error) {
    if (error) return;  // stopped, and this object may be gone
    take_all();
    if (descriptor_) wait();
  });
}

void Signals::take_all() {
  signalfd_siginfo info;
  while (descriptor_ && ::read(descriptor_->native_handle(), &info, sizeof info) == sizeof info)
    then_({static_cast<int>(info.ssi_signo), static_cast<pid_t>(info.ssi_pid), info.ssi_uid});
}

}  // namespace hubbub
