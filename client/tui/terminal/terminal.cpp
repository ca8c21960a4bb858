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

// Where the terminal has no name here (a container may have none), the shell's description has to do.
int open_again(int descriptor, int mode) {
  std::array<char, 256> path{};
  int own = -1;
  if (ttyname_r(descriptor, path.data(), path.size()) == 0)
    own = ::open(path.data(), mode | O_NOCTTY | O_NONBLOCK | O_CLOEXEC);
  return own < 0 ? ::fcntl(descriptor, F_DUPFD_CLOEXEC, 0) : own;
}

termios raw(termios mode) {
  cfmakeraw(&mode);
  mode.c_cc[VMIN] = 1;
  mode.c_cc[VTIME] = 0;
  return mode;
}

}  // namespace

Result<Terminal> Terminal::open(bool colour) {
  Before before;
  before.input_flags = ::fcntl(STDIN_FILENO, F_GETFL);
  before.output_flags = ::fcntl(STDOUT_FILENO, F_GETFL);
  if (isatty(STDOUT_FILENO) == 0 || tcgetattr(STDIN_FILENO, &before.mode) != 0)
    return fail(Status::failed_precondition,
                "the terminal client needs a terminal; `hubbub help` lists the commands that need none");
  const char* term = std::getenv("TERM");
  auto capabilities = capabilities_of(term == nullptr ? "" : term);
  if (!capabilities) return tl::unexpected(capabilities.error());
  const char* plain = std::getenv("NO_COLOR");
  if (!colour || (plain != nullptr && *plain != '\0')) capabilities->colours = 0;
  return Terminal(*std::move(capabilities), before);
}

Terminal::Terminal(Capabilities capabilities, const Before& before)
    : capabilities_(std::move(capabilities)),
      before_(before),
      input_(open_again(STDIN_FILENO, O_RDONLY)),
      output_(open_again(STDOUT_FILENO, O_WRONLY)) {}

Terminal::Terminal(Terminal&& other) noexcept
    : capabilities_(std::move(other.capabilities_)),
      before_(other.before_),
      input_(std::exchange(other.input_, -1)),
      output_(std::exchange(other.output_, -1)),
      entered_(std::exchange(other.entered_, false)) {}

Terminal::~Terminal() {
  leave();
  if (input_ >= 0) ::close(input_);
  if (output_ >= 0) ::close(output_);
}

void Terminal::enter() {
  entered_ = true;
  give_back_on_crash(before_, capabilities_.end);
  const auto mode = raw(before_.mode);
  tcsetattr(input_, TCSADRAIN, &mode);
  write_all(capabilities_.begin);
}

void Terminal::leave() {
  if (!entered_) return;
  entered_ = false;
  write_all(capabilities_.end);
  restore(before_);
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
