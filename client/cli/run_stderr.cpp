#include "client/cli/run_stderr.hpp"

#include <sys/ioctl.h>
#include <unistd.h>

#include <cerrno>
#include <utility>

namespace hubbub::cli {

RunStderr::RunStderr(asio::io_context& loop, Descriptor from) : stderr_(loop, STDERR_FILENO), changed_(loop) {
  from_.emplace(loop, from.release());
}

asio::awaitable<void> RunStderr::pass() {
  bool more = true;
  while (more) {
    more = co_await read_some();
    co_await write_all();
  }
  has_passed_ = true;
  changed_.all();
}

/// False at the end.
asio::awaitable<bool> RunStderr::read_some() {
  while (from_ && waiting_.empty()) {
    std::error_code stopped;
    co_await from_->async_wait(asio::posix::stream_descriptor::wait_read,
                               asio::redirect_error(asio::use_awaitable, stopped));
    const bool ended = stopped || !from_ || !take(read_bytes_max);
    if (ended) co_return false;
  }
  co_return from_.has_value();
}

/// Reads once, at most that many bytes. False at the end of the pipe.
bool RunStderr::take(std::size_t bytes) {
  const auto before = waiting_.size();
  waiting_.resize(before + bytes);
  const auto got = ::read(from_->native_handle(), waiting_.data() + before, bytes);
  const auto taken = got > 0 ? static_cast<std::size_t>(got) : 0;
  waiting_.resize(before + taken);
  last_lines_.append(std::string_view(waiting_).substr(before));
  return got > 0 || (got < 0 && (errno == EAGAIN || errno == EINTR));
}

asio::awaitable<void> RunStderr::write_all() {
  std::size_t written = 0;
  while (!is_unwanted_ && written < waiting_.size()) {
    auto left = std::string_view(waiting_).substr(written);
    const auto wrote = stderr_.write_some(left);
    written = waiting_.size() - left.size();
    if (wrote == SharedSink::Wrote::never && errno == EPIPE) is_unwanted_ = true;
    if (wrote == SharedSink::Wrote::never) break;
    if (wrote == SharedSink::Wrote::nothing_now) co_await stderr_.writable();
  }
  waiting_.clear();
}

void RunStderr::finish() {
  int lying = 0;
  if (from_ && ::ioctl(from_->native_handle(), FIONREAD, &lying) == 0)
    for (auto left = static_cast<std::size_t>(lying); left > 0;) {
      const auto before = waiting_.size();
      if (!take(left) || waiting_.size() == before) break;
      left -= waiting_.size() - before;
    }
  from_.reset();
}

asio::awaitable<void> RunStderr::passed() {
  bool wanted = true;
  while (wanted && !has_passed_) wanted = co_await changed_.wait();
}

}  // namespace hubbub::cli
