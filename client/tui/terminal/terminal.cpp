#include "client/tui/terminal/terminal.hpp"

#include <fcntl.h>
#include <poll.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdlib>
#include <utility>

#include "client/tui/terminal/crash.hpp"

namespace hubbub::tui {

namespace {

constexpr int stuck_ms_max = 1000;  // a terminal that takes nothing for so long isn't waited for when leaving

// A description of our own of the same terminal, so that not blocking is our affair and not that of the shell too.
int open_output() {
  std::array<char, 256> path{};
  if (ttyname_r(STDOUT_FILENO, path.data(), path.size()) != 0) return STDOUT_FILENO;
  const int own = ::open(path.data(), O_WRONLY | O_NOCTTY | O_NONBLOCK | O_CLOEXEC);
  return own < 0 ? STDOUT_FILENO : own;
}

termios raw(termios mode) {
  cfmakeraw(&mode);
  mode.c_cc[VMIN] = 1;
  mode.c_cc[VTIME] = 0;
  return mode;
}

}  // namespace

Result<Terminal> Terminal::open() {
  termios before{};
  if (isatty(STDOUT_FILENO) == 0 || tcgetattr(STDIN_FILENO, &before) != 0)
    return fail(Status::failed_precondition,
                "the terminal client needs a terminal; `hubbub help` lists the commands that need none");
  const char* term = std::getenv("TERM");
  auto capabilities = capabilities_of(term == nullptr ? "" : term);
  if (!capabilities) return tl::unexpected(capabilities.error());
  if (const char* plain = std::getenv("NO_COLOR"); plain != nullptr && *plain != '\0') capabilities->colours = 0;
  return Terminal(*std::move(capabilities), before);
}

Terminal::Terminal(Capabilities capabilities, termios before)
    : capabilities_(std::move(capabilities)), before_(before), input_(STDIN_FILENO), output_(open_output()) {}

Terminal::Terminal(Terminal&& other) noexcept
    : capabilities_(std::move(other.capabilities_)),
      before_(other.before_),
      input_(other.input_),
      output_(std::exchange(other.output_, STDOUT_FILENO)),
      entered_(std::exchange(other.entered_, false)) {}

Terminal::~Terminal() {
  leave();
  if (output_ != STDOUT_FILENO) ::close(output_);
}

void Terminal::enter() {
  if (entered_) return;
  entered_ = true;
  give_back_on_crash(input_, before_, capabilities_.end);
  const auto mode = raw(before_);
  tcsetattr(input_, TCSADRAIN, &mode);
  write_all(capabilities_.begin);
}

void Terminal::leave() {
  if (!entered_) return;
  entered_ = false;
  write_all(capabilities_.end);
  tcsetattr(input_, TCSADRAIN, &before_);
  forget_crash();
}

Size Terminal::size() const {
  winsize size{};
  if (ioctl(input_, TIOCGWINSZ, &size) != 0 || size.ws_row == 0 || size.ws_col == 0) return capabilities_.size;
  return {size.ws_row, size.ws_col};
}

void Terminal::write_all(std::string_view bytes) const {
  while (!bytes.empty()) {
    const auto written = ::write(output_, bytes.data(), bytes.size());
    if (written > 0) bytes.remove_prefix(static_cast<std::size_t>(written));
    if (written > 0 || errno == EINTR) continue;
    pollfd room{output_, POLLOUT, 0};
    if (errno != EAGAIN || ::poll(&room, 1, stuck_ms_max) <= 0) return;
  }
}

}  // namespace hubbub::tui
