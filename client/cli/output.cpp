#include "client/cli/output.hpp"

#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <sys/epoll.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstdlib>

#include "client/cli/complain.hpp"
#include "client/cli/exit_codes.hpp"

namespace hubbub::cli {

namespace {

bool has_mode(int fd, mode_t type) {
  struct stat about {};
  return ::fstat(fd, &about) == 0 && (about.st_mode & S_IFMT) == type;
}

/// stdout with flags of its own, if it is a pipe or a terminal; -1 else, and where the system doesn't let us (another's
/// terminal).
int open_stdout_anew() {
  if (!has_mode(STDOUT_FILENO, S_IFIFO) && ::isatty(STDOUT_FILENO) != 1) return -1;
  const auto path = "/proc/self/fd/" + std::to_string(STDOUT_FILENO);
  return ::open(path.c_str(), O_WRONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
}

bool is_writable_now(int fd) {
  pollfd waiting{fd, POLLOUT, 0};
  return ::poll(&waiting, 1, 0) > 0;
}

}  // namespace

void die_of_closed_pipe() {
  std::signal(SIGPIPE, SIG_DFL);
  sigset_t pipe;
  sigemptyset(&pipe);
  sigaddset(&pipe, SIGPIPE);
  ::sigprocmask(SIG_UNBLOCK, &pipe, nullptr);
  std::raise(SIGPIPE);
  std::_Exit(128 + SIGPIPE);
}

Output::Output(asio::io_context& loop)
    : loop_(loop),
      own_(open_stdout_anew()),
      is_file_(has_mode(STDOUT_FILENO, S_IFREG)),
      writable_(loop, fd(), EPOLLOUT) {}

int Output::fd() const { return own_.is_open() ? own_.get() : STDOUT_FILENO; }

void Output::end_with_reader() {
  if (!has_mode(fd(), S_IFIFO)) return;
  reader_gone_.emplace(loop_, fd(), 0);
  reader_gone_->when_ready(die_of_closed_pipe);
}

/// Where O_NONBLOCK isn't ours to set: as much as a descriptor that polls as writable takes without blocking (pipe(7)).
std::size_t Output::part_bytes() const { return own_.is_open() || is_file_ ? SSIZE_MAX : PIPE_BUF; }

Output::Wrote Output::write_some() {
  if (!own_.is_open() && !is_file_ && !is_writable_now(fd())) return Wrote::nothing_now;
  const auto bytes = std::min(buffer_.size() - written_, part_bytes());
  const auto wrote = ::write(fd(), buffer_.data() + written_, bytes);
  if (wrote >= 0) {
    written_ += static_cast<std::size_t>(wrote);
    return Wrote::some;
  }
  if (errno == EINTR) return Wrote::some;
  if (errno == EAGAIN || errno == EWOULDBLOCK) return Wrote::nothing_now;
  if (errno == EPIPE) die_of_closed_pipe();
  complain_errno("writing the output");
  return Wrote::never;
}

asio::awaitable<bool> Output::flush() {
  bool works = true;
  while (works && written_ < buffer_.size()) {
    const auto wrote = write_some();
    if (wrote == Wrote::nothing_now) co_await writable_.ready();
    works = wrote != Wrote::never;
  }
  buffer_.clear();
  written_ = 0;
  co_return works;
}

bool print(std::string_view text) {
  while (!text.empty()) {
    const auto wrote = ::write(STDOUT_FILENO, text.data(), text.size());
    if (wrote < 0 && errno == EPIPE) die_of_closed_pipe();
    if (wrote < 0 && errno != EINTR) {
      complain_errno("writing the output");
      return false;
    }
    if (wrote > 0) text.remove_prefix(static_cast<std::size_t>(wrote));
  }
  return true;
}

}  // namespace hubbub::cli
