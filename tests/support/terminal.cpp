#include "tests/support/terminal.hpp"

#include <fcntl.h>
#include <poll.h>
#include <pty.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdlib>

namespace hubbub::test {

namespace {

std::string path_of(const std::string& program) {
  if (program.find('/') != std::string::npos) return program;
  const char* const folder = std::getenv("HUBBUB_BIN_DIR");
  return std::string(folder != nullptr ? folder : HUBBUB_BIN_DIR) + "/" + program;
}

winsize size_of(int rows, int columns) {
  winsize size{};
  size.ws_row = static_cast<unsigned short>(rows);
  size.ws_col = static_cast<unsigned short>(columns);
  return size;
}

std::vector<char*> pointers(std::vector<std::string>& texts) {
  std::vector<char*> all;
  for (auto& text : texts) all.push_back(text.data());
  all.push_back(nullptr);
  return all;
}

std::vector<std::string> environment_with(std::map<std::string, std::string> changes) {
  changes.try_emplace("TERM", "xterm-256color");
  changes.try_emplace("TZ", "UTC");
  std::vector<std::string> all;
  for (char** entry = environ; *entry != nullptr; ++entry) {
    const std::string text = *entry;
    if (!changes.contains(text.substr(0, text.find('=')))) all.push_back(text);
  }
  for (const auto& [name, value] : changes) all.push_back(name + "=" + value);
  return all;
}

}  // namespace

TerminalProgram::TerminalProgram(std::vector<std::string> arguments, TerminalOptions options)
    : screen_(options.rows, options.columns) {
  arguments.front() = path_of(arguments.front());
  auto environment = environment_with(options.environment);
  const auto argv = pointers(arguments), envp = pointers(environment);
  auto size = size_of(options.rows, options.columns);
  pid_ = ::forkpty(&terminal_, nullptr, nullptr, &size);
  if (pid_ < 0) throw Failure("no pseudo-terminal can be had");
  if (pid_ == 0) {
    ::prctl(PR_SET_PDEATHSIG, SIGKILL);
    ::signal(SIGPIPE, SIG_DFL);
    ::execve(argv[0], argv.data(), envp.data());
    ::_exit(127);
  }
  ::fcntl(terminal_, F_SETFD, FD_CLOEXEC);  // or it stays open in whatever starts next, and hang_up() hangs up nothing
}

TerminalProgram::~TerminalProgram() {
  if (!ended_) {
    ::kill(pid_, SIGKILL);
    ::waitpid(pid_, &status_, 0);
  }
  if (terminal_ >= 0) ::close(terminal_);
}

void TerminalProgram::type(std::string_view bytes) {
  Deadline deadline;
  while (!bytes.empty() && !deadline.passed()) {
    pollfd room{terminal_, POLLOUT, 0};
    read_some(0);  // a program that can't write doesn't read either
    if (::poll(&room, 1, 10) <= 0) continue;
    // Not more than the line discipline surely takes at once.
    const auto count = ::write(terminal_, bytes.data(), std::min<std::size_t>(bytes.size(), 256));
    if (count <= 0) throw Failure("the terminal takes no more keys");
    bytes.remove_prefix(static_cast<std::size_t>(count));
  }
}

void TerminalProgram::resize(int rows, int columns) {
  read_pending();
  screen_.resize(rows, columns);
  auto size = size_of(rows, columns);
  ::ioctl(terminal_, TIOCSWINSZ, &size);
}

void TerminalProgram::hang_up() {
  ::close(terminal_);
  terminal_ = -1;
}

bool TerminalProgram::read_some(int timeout_ms) {
  pollfd ready{terminal_, POLLIN, 0};
  if (::poll(&ready, 1, timeout_ms) <= 0) return false;
  std::array<char, 16384> buffer;
  const auto count = ::read(terminal_, buffer.data(), buffer.size());
  if (count <= 0) return false;
  screen_.feed({buffer.data(), static_cast<std::size_t>(count)});
  return true;
}

void TerminalProgram::read_pending() {
  while (read_some(0)) {
  }
}

void TerminalProgram::wait_until_seen(const std::string& what, const std::function<bool(const VirtualScreen&)>& wanted,
                                      Deadline deadline) {
  while (!wanted(screen_)) {
    if (deadline.passed()) give_up(what);
    if (!read_some(20) && ::waitpid(pid_, &status_, WNOHANG) == pid_) {
      ended_ = true;
      read_pending();
      if (!wanted(screen_)) give_up(what + " (the program has ended)");
    }
  }
}

void TerminalProgram::wait_for(const std::string& text) {
  wait_until_seen("'" + text + "' is seen",
                  [&](const VirtualScreen& seen) { return seen.text().find(text) != std::string::npos; });
}

void TerminalProgram::wait_until_gone(const std::string& text) {
  wait_until_seen("'" + text + "' is gone",
                  [&](const VirtualScreen& seen) { return seen.text().find(text) == std::string::npos; });
}

int TerminalProgram::wait() {
  Deadline deadline;
  while (!ended_) {
    if (deadline.passed()) give_up("the program has ended");
    ended_ = ::waitpid(pid_, &status_, WNOHANG) == pid_;
    if (!ended_) read_some(5);
  }
  read_pending();
  return WIFEXITED(status_) ? WEXITSTATUS(status_) : 128 + WTERMSIG(status_);
}

termios TerminalProgram::mode() const {
  termios mode{};
  ::tcgetattr(terminal_, &mode);
  return mode;
}

int TerminalProgram::row_of(const std::string& text) const {
  for (int row = 0; row < screen_.rows(); ++row)
    if (screen_.row(row).find(text) != std::string::npos) return row;
  return -1;
}

void TerminalProgram::give_up(const std::string& what) const {
  throw Failure("waited in vain until " + what + "; the screen:\n" + screen_.text());
}

}  // namespace hubbub::test
