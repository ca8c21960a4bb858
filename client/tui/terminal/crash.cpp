#include "client/tui/terminal/crash.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <csignal>
#include <cstring>

namespace hubbub::tui {

namespace {

constexpr std::array crashes = {SIGSEGV, SIGBUS,  SIGFPE,  SIGILL,  SIGABRT,   SIGTRAP, SIGSYS,  SIGQUIT, SIGXCPU,
                                SIGXFSZ, SIGUSR1, SIGUSR2, SIGALRM, SIGVTALRM, SIGPROF, SIGPOLL, SIGPWR,  SIGSTKFLT};

struct Prepared {
  volatile std::sig_atomic_t armed = 0;
  Before before;
  std::array<char, crash_bytes_max> bytes{};
  std::size_t size = 0;
};
Prepared prepared;  // a handler has no other way to what it needs

// A stack of its own, for the crash that is a stack overflow.
alignas(16) std::array<char, 64 * 1024> handler_stack;

void give_back(int signal) {
  if (prepared.armed != 0) {
    prepared.armed = 0;
    [[maybe_unused]] const auto written = ::write(STDOUT_FILENO, prepared.bytes.data(), prepared.size);
    restore(prepared.before);
  }
  ::raise(signal);  // with its own action again (SA_RESETHAND): kills when the handler returns
}

void install() {
  stack_t stack{};
  stack.ss_sp = handler_stack.data();
  stack.ss_size = handler_stack.size();
  sigaltstack(&stack, nullptr);
  struct sigaction action {};
  action.sa_handler = give_back;
  action.sa_flags = static_cast<int>(SA_RESETHAND | SA_ONSTACK);
  for (const int signal : crashes) sigaction(signal, &action, nullptr);
}

}  // namespace

void restore(const Before& before) {
  ::fcntl(STDIN_FILENO, F_SETFL, before.input_flags);
  ::fcntl(STDOUT_FILENO, F_SETFL, before.output_flags);
  tcsetattr(STDIN_FILENO, TCSADRAIN, &before.mode);
}

void give_back_on_crash(const Before& before, std::string_view bytes) {
  prepared.armed = 0;
  prepared.before = before;
  prepared.size = std::min(bytes.size(), prepared.bytes.size());
  std::memcpy(prepared.bytes.data(), bytes.data(), prepared.size);
  install();
  prepared.armed = 1;
}

void forget_crash() { prepared.armed = 0; }

}  // namespace hubbub::tui
