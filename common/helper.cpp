#include "common/helper.hpp"

#include <fcntl.h>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <utility>

#include "common/pipe.hpp"

namespace hubbub {

namespace {

using Stream = asio::posix::stream_descriptor;

constexpr std::size_t read_bytes_max = 16 * 1024;
constexpr std::chrono::seconds one_second{1};

}  // namespace

tl::expected<std::shared_ptr<Helper>, std::error_code> Helper::start(asio::io_context& loop, Program program,
                                                                     const HelperLimits& limits, Events events) {
  auto to = open_pipe(), from = open_pipe();
  if (!to) return tl::unexpected(to.error());
  if (!from) return tl::unexpected(from.error());
  program.input = to->read.get();
  program.output = program.error = from->write.get();
  program.own_session = true;
  program.keeps_inherited = false;
  auto process = start_process(program);
  if (!process) return tl::unexpected(process.error());
  const auto helper = std::make_shared<Helper>(loop, limits, std::move(events));
  helper->pid_ = process->pid;
  if (!process->handle.is_open()) return tl::unexpected(std::error_code(ENOSYS, std::generic_category()));
  helper->handle_.emplace(loop, process->handle.release());
  helper->input_.emplace(loop, without_blocking(to->write));
  helper->output_.emplace(loop, without_blocking(from->read));
  helper->await_end();
  helper->await_output();
  return helper;
}

Helper::Helper(asio::io_context& loop, const HelperLimits& limits, Events events)
    : events_(std::move(events)), limits_(limits), second_(loop), grace_(loop) {}

Helper::~Helper() {
  if (has_ended()) return;
  signal_group(SIGKILL);
  ::waitpid(pid_, nullptr, 0);
}

void Helper::signal_group(int number) const {
  if (!has_ended()) ::kill(-pid_, number);
}

// ── what it is told ─────────────────────────────────────────────────────────────────────────────────────────────────

bool Helper::send(std::string_view bytes) {
  if (!input_ || input_ends_ || bytes.size() > limits_.input_bytes_max - waiting_.size()) return false;
  waiting_ += bytes;
  if (!writes_) write_some();
  return true;
}

void Helper::end_input() {
  input_ends_ = true;
  if (waiting_.empty()) input_.reset();
}

void Helper::write_some() {
  while (input_ && !waiting_.empty()) {
    const auto wrote = ::write(input_->native_handle(), waiting_.data(), waiting_.size());
    if (wrote < 0 && errno == EINTR) continue;
    if (wrote < 0 && errno == EAGAIN) return await_input_room();
    if (wrote < 0) {  // it has closed its stdin
      waiting_.clear();
      input_.reset();
      return;
    }
    waiting_.erase(0, static_cast<std::size_t>(wrote));
  }
  if (input_ends_) input_.reset();
}

void Helper::await_input_room() {
  writes_ = true;
  input_->async_wait(Stream::wait_write, [self = shared_from_this()](std::error_code error) {
    self->writes_ = false;
    if (!error) self->write_some();
  });
}

// ── what it says ────────────────────────────────────────────────────────────────────────────────────────────────────

void Helper::await_output() {
  output_->async_wait(Stream::wait_read, [self = shared_from_this()](std::error_code error) {
    if (!error && self->output_) self->read_some();
  });
}

void Helper::read_some() {
  if (!take(read_bytes_max)) output_.reset();  // closed by all who had it
  const auto now = std::chrono::steady_clock::now();
  if (now - second_began_ >= one_second) {
    second_began_ = now;
    lines_left_ = limits_.lines_per_second_max;
  }
  tell_lines();
  if (!output_) return;
  lines_left_ > 0 ? await_output() : await_next_second();
}

void Helper::await_next_second() {
  second_.expires_at(second_began_ + one_second);
  second_.async_wait([self = shared_from_this()](std::error_code stopped) {
    if (stopped || !self->output_) return;
    self->second_began_ = std::chrono::steady_clock::now();
    self->lines_left_ = self->limits_.lines_per_second_max;
    self->tell_lines();
    self->lines_left_ > 0 ? self->await_output() : self->await_next_second();
  });
}

/// Reads once. False at the end.
bool Helper::take(std::size_t bytes_max) {
  const auto before = said_.size();
  said_.resize(before + bytes_max);
  const auto got = ::read(output_->native_handle(), said_.data() + before, bytes_max);
  said_.resize(before + (got > 0 ? static_cast<std::size_t>(got) : 0));
  return got > 0 || (got < 0 && (errno == EAGAIN || errno == EINTR));
}

/// As many as it may say; of a line that isn't whole, what no line may have more of.
void Helper::tell_lines() {
  std::string_view left = said_;
  while (lines_left_ > 0 && !left.empty()) {
    const auto end = left.find('\n');
    const bool whole = end != std::string_view::npos;
    if (!whole && left.size() < limits_.line_bytes_max) break;
    --lines_left_;
    if (!std::exchange(in_long_line_, !whole)) tell_line(left.substr(0, end));
    left.remove_prefix(whole ? end + 1 : left.size());
  }
  said_.erase(0, said_.size() - left.size());
}

void Helper::tell_line(std::string_view line) {
  if (events_.line && !abandoned_) events_.line(line.substr(0, limits_.line_bytes_max));
}

// ── its end ─────────────────────────────────────────────────────────────────────────────────────────────────────────

/// Asio 1.22 may tell too early: of what it has read from epoll at once, an event of a descriptor that was closed
/// meanwhile can come to the one that has its place. So the kernel is asked again.
void Helper::await_end() {
  handle_->async_wait(Stream::wait_read, [self = shared_from_this()](std::error_code error) {
    if (error || self->has_ended()) return;
    self->is_over() ? self->has_ended_now() : self->await_end();
  });
}

bool Helper::is_over() const {
  siginfo_t ended{};
  const int looked = ::waitid(P_PID, static_cast<id_t>(pid_), &ended, WEXITED | WNOHANG | WNOWAIT);
  return looked != 0 || ended.si_pid != 0;
}

void Helper::has_ended_now() {
  if (stopping_) signal_group(SIGKILL);  // while nobody else can have got its number
  int status = 0;
  ::waitpid(std::exchange(pid_, -1), &status, 0);
  grace_.cancel();
  second_.cancel();
  drain();
  waiting_.clear();
  for (auto* pipe : {&handle_, &input_, &output_}) pipe->reset();
  const auto events = std::exchange(events_, {});
  if (events.ended && !abandoned_) events.ended(status);
}

/// What lies in the pipe now; who still writes into it does so for nobody.
void Helper::drain() {
  int lying = 0;
  if (output_) ::ioctl(output_->native_handle(), FIONREAD, &lying);
  lines_left_ = limits_.lines_per_second_max;
  tell_lines();
  for (auto left = static_cast<std::size_t>(lying); left > 0;) {
    const auto before = said_.size();
    if (!take(std::min(left, read_bytes_max)) || said_.size() == before) break;
    left -= said_.size() - before;
    tell_lines();
    leave_out_rest();
  }
  leave_out_rest();
  if (!said_.empty() && !in_long_line_) tell_line(said_);
  said_.clear();
}

void Helper::leave_out_rest() {
  if (lines_left_ > 0) return;
  lines_left_out_ += static_cast<std::uint64_t>(std::ranges::count(said_, '\n'));
  said_.clear();
}

void Helper::stop(std::chrono::milliseconds grace) {
  if (has_ended() || std::exchange(stopping_, true)) return;
  signal_group(SIGTERM);
  grace_.expires_after(grace);
  grace_.async_wait([self = shared_from_this()](std::error_code ended) {
    if (!ended) self->signal_group(SIGKILL);
  });
}

void Helper::abandon() {
  abandoned_ = stopping_ = true;
  signal_group(SIGKILL);
}

}  // namespace hubbub
