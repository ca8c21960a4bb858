#include "client/cli/input.hpp"

#include <fcntl.h>
#include <poll.h>
#include <sys/epoll.h>
#include <unistd.h>

#include <cerrno>
#include <utility>

namespace hubbub::cli {

namespace {

constexpr std::size_t read_bytes = 256 * 1024;

std::string reason() { return std::generic_category().message(errno); }

bool is_readable_now(int fd) {
  pollfd waiting{fd, POLLIN, 0};
  return ::poll(&waiting, 1, 0) > 0;
}

}  // namespace

Result<Input> Input::open(asio::io_context& loop, const std::string& path) {
  if (path == "-") return Input(loop, ::fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, 0), "stdin");
  // O_NONBLOCK for a FIFO that nobody writes to yet: waiting for that is for the loop, where Ctrl-C ends it.
  const int fd = ::open(path.c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC | O_NOCTTY);
  if (fd < 0) return fail(failed, "can't read " + path + ": " + reason());
  return Input(loop, fd, path);
}

Input::Input(asio::io_context& loop, int fd, std::string name)
    : file_(fd), name_(std::move(name)), bytes_(read_bytes), readable_(loop, fd, EPOLLIN) {}

asio::awaitable<Result<std::string_view>> Input::read_some() {
  while (true) {
    if (!is_readable_now(file_.get())) co_await readable_.ready();
    const auto got = ::read(file_.get(), bytes_.data(), bytes_.size());
    if (got >= 0) co_return std::string_view(bytes_.data(), static_cast<std::size_t>(got));
    if (errno != EINTR && errno != EAGAIN) co_return fail(failed, "can't read " + name_ + ": " + reason());
  }
}

}  // namespace hubbub::cli
