#include "client/tui/terminal/crash.hpp"

#include <unistd.h>

#include <algorithm>
#include <array>
#include <csignal>
#include <cstring>

namespace hubbub::tui {

namespace {

constexpr std::array crashes = {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGABRT, SIGTRAP, SIGSYS, SIGQUIT, SIGXCPU};

struct Prepared {
  volatile std::sig_atomic_t armed = 0;
  int input = 0;
  termios before{};
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
    tcsetattr(prepared.input, TCSADRAIN, &prepared.before);
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

void give_back_on_crash(int input, const termios& before, std::string_view bytes) {
  prepared.input = input;
  prepared.before = before;
  prepared.size = std::min(bytes.size(), prepared.bytes.size());
  std::memcpy(prepared.bytes.data(), bytes.data(), prepared.size);
  install();
  prepared.armed = 1;
}

void forget_crash() { prepared.armed = 0; }

}  // namespace hubbub::tui
