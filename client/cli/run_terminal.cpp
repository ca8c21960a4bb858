#include "client/cli/run_terminal.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <utility>

#include "client/cli/terminal.hpp"

namespace hubbub::cli {

RunTerminal::RunTerminal() : terminal_(::open("/dev/tty", O_RDWR | O_CLOEXEC)) {
  termios modes{};
  if (terminal_.is_open() && ::tcgetattr(terminal_.get(), &modes) == 0) modes_ = modes;
}

bool RunTerminal::is_ours() const { return terminal_.is_open() && ::tcgetpgrp(terminal_.get()) == ::getpgrp(); }
bool RunTerminal::is_ours_alone() const { return is_ours() && stdin_is_terminal() && stdout_is_terminal(); }

bool RunTerminal::give_to(pid_t group) {
  if (!is_ours() || ::tcsetpgrp(terminal_.get(), group) != 0) return false;
  given_to_ = group;
  return true;
}

bool RunTerminal::take_back() {
  const auto group = std::exchange(given_to_, std::nullopt);
  if (!group) return false;
  const auto in_front = ::tcgetpgrp(terminal_.get());
  const bool is_gone = ::kill(-in_front, 0) != 0 && errno == ESRCH;
  if (in_front != *group && !is_gone) return false;  // a shell has given it to another job
  return ::tcsetpgrp(terminal_.get(), ::getpgrp()) == 0;
}

void RunTerminal::restore_modes() const {
  if (modes_ && is_ours()) ::tcsetattr(terminal_.get(), TCSADRAIN, &*modes_);
}

}  // namespace hubbub::cli
