#include "common/piped_process.hpp"

#include <fcntl.h>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <utility>

#include "common/pipe.hpp"

namespace hubbub {

namespace {

using Stream = asio::posix::stream_descriptor;

constexpr std::size_t read_bytes_max = 64 * 1024;  // a whole pipe
/// What was written is taken off the front of what waits once it is so much, not with every write.
constexpr std::size_t written_bytes_max = 256 * 1024;

}  // namespace

tl::expected<std::shared_ptr<PipedProcess>, std::error_code> PipedProcess::start(asio::io_context& loop,
                                                                                 Program program, Events events) {
  auto to = open_pipe(), from = open_pipe(), errors = open_pipe();
  for (const auto* pipe : {&to, &from, &errors})
    if (!*pipe) return tl::unexpected(pipe->error());
  program.input = to->read.get();
  if (events.output) program.output = from->write.get();
  program.error = errors->write.get();
  program.own_session = true;
  program.keeps_inherited = false;
  auto started = start_process(program);
  if (!started) return tl::unexpected(started.error());
  const auto process = std::make_shared<PipedProcess>(loop, std::move(events));
  process->pid_ = started->pid;
  if (!started->handle.is_open()) return tl::unexpected(std::error_code(ENOSYS, std::generic_category()));
  process->handle_.emplace(loop, started->handle.release());
  process->input_.emplace(loop, without_blocking(to->write));
  if (process->events_.output) process->output_.emplace(loop, without_blocking(from->read));
  process->error_.emplace(loop, without_blocking(errors->read));
  process->await_end();
  if (process->output_) process->await(process->output_, &Events::output);
  process->await(process->error_, &Events::error);
  return process;
}

PipedProcess::PipedProcess(asio::io_context& loop, Events events) : events_(std::move(events)), grace_(loop) {}

PipedProcess::~PipedProcess() {
  if (has_ended()) return;
  signal_group(SIGKILL);
  ::waitpid(pid_, nullptr, 0);
}

void PipedProcess::signal_group(int number) const {
  if (!has_ended()) ::kill(-pid_, number);
}

// ── what it is told ─────────────────────────────────────────────────────────────────────────────────────────────────

bool PipedProcess::send(std::string_view bytes) {
  if (!input_ || input_ends_) return false;
  waiting_ += bytes;
  if (!writes_) write_some();
  return input_.has_value();
}

void PipedProcess::end_input() {
  input_ends_ = true;
  if (bytes_waiting() == 0) input_.reset();
}

void PipedProcess::write_some() {
  while (input_ && bytes_waiting() > 0) {
    const auto wrote = ::write(input_->native_handle(), waiting_.data() + written_, bytes_waiting());
    if (wrote < 0 && errno == EINTR) continue;
    if (wrote < 0 && errno == EAGAIN) return await_input_room();
    if (wrote < 0) input_.reset();  // it has closed its stdin
    written_ += wrote < 0 ? bytes_waiting() : static_cast<std::size_t>(wrote);
    bytes_taken_ += wrote < 0 ? 0 : static_cast<std::uint64_t>(wrote);
    if (written_ < waiting_.size() && written_ < written_bytes_max) continue;
    waiting_.erase(0, std::exchange(written_, 0));
  }
  if (input_ends_) input_.reset();
}

void PipedProcess::await_input_room() {
  writes_ = true;
  input_->async_wait(Stream::wait_write, [self = shared_from_this()](std::error_code error) {
    self->writes_ = false;
    if (!error) self->write_some();
  });
}

// ── what it says ────────────────────────────────────────────────────────────────────────────────────────────────────

void PipedProcess::await(Pipe& pipe, Receive receive) {
  pipe->async_wait(Stream::wait_read, [self = shared_from_this(), &pipe, receive](std::error_code error) {
    if (!error && pipe) self->read_some(pipe, receive);
  });
}

void PipedProcess::read_some(Pipe& pipe, Receive receive) {
  if (!take(pipe, receive, read_bytes_max)) return closed(pipe);
  await(pipe, receive);
}

/// Reads once. False at the end, when all who had it have closed it.
bool PipedProcess::take(Pipe& pipe, Receive receive, std::size_t bytes_max) {
  std::array<char, read_bytes_max> bytes;
  const auto got = ::read(pipe->native_handle(), bytes.data(), std::min(bytes_max, bytes.size()));
  if (got < 0) return errno == EAGAIN || errno == EINTR;
  const auto& event = events_.*receive;
  if (got > 0 && event && !abandoned_) event({bytes.data(), static_cast<std::size_t>(got)});
  return got > 0;
}

void PipedProcess::closed(Pipe& pipe) {
  pipe.reset();
  if (is_over_seen_ && !output_ && !error_) return collect();
  if (&pipe == &output_ && events_.output_closed && !abandoned_) events_.output_closed();
}

// ── its end ─────────────────────────────────────────────────────────────────────────────────────────────────────────

/// Asio 1.22 may tell too early: of what it has read from epoll at once, an event of a descriptor that was closed
/// meanwhile can come to the one that has its place. So the kernel is asked again.
void PipedProcess::await_end() {
  handle_->async_wait(Stream::wait_read, [self = shared_from_this()](std::error_code error) {
    if (error || self->has_ended()) return;
    self->is_over() ? self->is_over_now() : self->await_end();
  });
}

bool PipedProcess::is_over() const {
  siginfo_t ended{};
  const int looked = ::waitid(P_PID, static_cast<id_t>(pid_), &ended, WEXITED | WNOHANG | WNOWAIT);
  return looked != 0 || ended.si_pid != 0;
}

/// A shell hears SIGTERM at once. What it has started gets its grace, too: that it still runs shows by its pipes.
void PipedProcess::is_over_now() {
  is_over_seen_ = stopping_ && !killed_ && (output_ || error_);
  if (!is_over_seen_) collect();
}

void PipedProcess::collect() {
  if (stopping_) signal_group(SIGKILL);
  int status = 0;
  ::waitpid(std::exchange(pid_, -1), &status, 0);
  grace_.cancel();
  drain(output_, &Events::output);
  drain(error_, &Events::error);
  waiting_.clear();
  written_ = 0;
  for (auto* pipe : {&handle_, &input_, &output_, &error_}) pipe->reset();
  const auto events = std::exchange(events_, {});
  if (events.ended && !abandoned_) events.ended(status);
}

/// What lies in the pipe now; who still writes into it does so for nobody.
void PipedProcess::drain(Pipe& pipe, Receive receive) {
  int lying = 0;
  if (pipe && ::ioctl(pipe->native_handle(), FIONREAD, &lying) != 0) return;
  for (auto left = static_cast<std::size_t>(lying); left > 0;) {
    const auto part = std::min(left, read_bytes_max);
    if (!take(pipe, receive, part)) return;
    left -= part;
  }
}

void PipedProcess::stop(std::chrono::milliseconds grace) {
  if (has_ended() || killed_) return;
  const auto until = std::chrono::steady_clock::now() + grace;
  if (stopping_ && grace_.expiry() <= until) return;
  if (!std::exchange(stopping_, true)) signal_group(SIGTERM);
  grace_.expires_at(until);
  grace_.async_wait([self = shared_from_this()](std::error_code ended) {
    if (ended || self->has_ended()) return;
    self->kill();
    if (self->is_over_seen_) self->collect();
  });
}

void PipedProcess::kill() {
  stopping_ = killed_ = true;
  signal_group(SIGKILL);
}

void PipedProcess::abandon() {
  abandoned_ = true;
  kill();
}

}  // namespace hubbub
