#include "client/cli/output.hpp"

#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstdlib>

#include "client/cli/complain.hpp"
#include "client/cli/exit_codes.hpp"

namespace hubbub::cli {

namespace {

bool is_pipe(int fd) {
  struct stat about {};
  return ::fstat(fd, &about) == 0 && S_ISFIFO(about.st_mode);
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

Output::Output(asio::io_context& loop) : loop_(loop), stdout_(loop, STDOUT_FILENO) {}

void Output::end_with_reader() {
  if (!is_pipe(stdout_.fd())) return;
  reader_gone_.emplace(loop_, stdout_.fd(), 0);
  reader_gone_->when_ready(die_of_closed_pipe);
}

SharedSink::Wrote Output::write_some() {
  auto left = std::string_view(buffer_).substr(written_);
  const auto wrote = stdout_.write_some(left);
  if (wrote == SharedSink::Wrote::never && errno == EPIPE) die_of_closed_pipe();
  if (wrote == SharedSink::Wrote::never) complain_errno("writing the output");
  written_ = buffer_.size() - left.size();
  return wrote;
}

asio::awaitable<bool> Output::flush() {
  bool works = true;
  while (works && written_ < buffer_.size()) {
    const auto wrote = write_some();
    if (wrote == SharedSink::Wrote::nothing_now) co_await stdout_.writable();
    works = wrote != SharedSink::Wrote::never;
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
