#include "client/cli/input.hpp"

#include <fcntl.h>
#include <poll.h>
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
  if (path == "-") return Input(loop, ::dup(STDIN_FILENO), "stdin");
  const int fd = ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOCTTY);
  if (fd < 0) return fail(failed, "can't read " + path + ": " + reason());
  return Input(loop, fd, path);
}

Input::Input(asio::io_context& loop, int fd, std::string name)
    : fd_(fd), name_(std::move(name)), bytes_(read_bytes), waiting_(std::in_place, loop) {
  std::error_code error;
  waiting_->assign(::dup(fd), error);
  if (error) waiting_.reset();
}

Input::Input(Input&& other) noexcept
    : fd_(std::exchange(other.fd_, -1)),
      name_(std::move(other.name_)),
      bytes_(std::move(other.bytes_)),
      waiting_(std::move(other.waiting_)) {}

Input::~Input() {
  if (fd_ >= 0) ::close(fd_);
}

asio::awaitable<Result<std::string_view>> Input::read_some() {
  while (true) {
    if (waiting_ && !is_readable_now(fd_)) {
      std::error_code error;  // a regular file can't be waited for, and is ready anyway
      co_await waiting_->async_wait(asio::posix::stream_descriptor::wait_read,
                                    asio::redirect_error(asio::use_awaitable, error));
      if (error == asio::error::operation_aborted) throw std::system_error(error);
    }
    const auto got = ::read(fd_, bytes_.data(), bytes_.size());
    if (got >= 0) co_return std::string_view(bytes_.data(), static_cast<std::size_t>(got));
    if (errno != EINTR && errno != EAGAIN) co_return fail(failed, "can't read " + name_ + ": " + reason());
  }
}

}  // namespace hubbub::cli
