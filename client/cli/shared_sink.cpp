#include "client/cli/shared_sink.hpp"

#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <sys/epoll.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <string>

namespace hubbub::cli {

namespace {

bool has_mode(int fd, mode_t type) {
  struct stat about {};
  return ::fstat(fd, &about) == 0 && (about.st_mode & S_IFMT) == type;
}

/// With flags of its own, if it is a pipe or a terminal; -1 else, and where the system doesn't let us (another's
/// terminal).
int open_anew(int fd) {
  if (!has_mode(fd, S_IFIFO) && ::isatty(fd) != 1) return -1;
  const auto path = "/proc/self/fd/" + std::to_string(fd);
  return ::open(path.c_str(), O_WRONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
}

bool is_writable_now(int fd) {
  pollfd waiting{fd, POLLOUT, 0};
  return ::poll(&waiting, 1, 0) > 0;
}

}  // namespace

SharedSink::SharedSink(asio::io_context& loop, int fd)
    : shared_(fd), own_(open_anew(fd)), is_file_(has_mode(fd, S_IFREG)), writable_(loop, this->fd(), EPOLLOUT) {}

/// Where O_NONBLOCK isn't ours to set: as much as a descriptor that polls as writable takes without blocking (pipe(7)).
std::size_t SharedSink::part_bytes() const { return own_.is_open() || is_file_ ? SSIZE_MAX : PIPE_BUF; }

SharedSink::Wrote SharedSink::write_some(std::string_view& bytes) {
  if (!own_.is_open() && !is_file_ && !is_writable_now(fd())) return Wrote::nothing_now;
  const auto wrote = ::write(fd(), bytes.data(), std::min(bytes.size(), part_bytes()));
  if (wrote >= 0) bytes.remove_prefix(static_cast<std::size_t>(wrote));
  if (wrote >= 0 || errno == EINTR) return Wrote::some;
  return errno == EAGAIN || errno == EWOULDBLOCK ? Wrote::nothing_now : Wrote::never;
}

}  // namespace hubbub::cli
