#include "client/agent/tree_feed.hpp"

#include <fcntl.h>
#include <limits.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <chrono>
#include <utility>

namespace hubbub::agent {

static_assert(TreeFeed::line_bytes_max <= PIPE_BUF, "a line is written whole or not at all");

namespace {

constexpr std::chrono::milliseconds look_again_ms{20};

/// A line begins with its seq.
std::string seq_of(std::string_view line) { return std::string(line.substr(0, line.find(' '))); }

}  // namespace

TreeFeed::TreeFeed(asio::io_context& loop, Descriptor fifo, std::size_t queue_bytes_max,
                   std::function<void(std::string)> note)
    : loop_(loop), queue_bytes_max_(queue_bytes_max), note_(std::move(note)), again_(loop) {
  open(std::move(fifo));
}

/// Of one page, so that it is writable only when it is empty, and the loop can wait for that. Where a system doesn't do
/// so, was_read() looks again and again.
void TreeFeed::open(Descriptor fifo) {
  static_cast<void>(::fcntl(fifo.get(), F_SETPIPE_SZ, static_cast<int>(line_bytes_max)));
  fifo_.emplace(loop_, fifo.release());
}

void TreeFeed::push(std::string_view line) {
  queue_ += line;
  while (queued_bytes() > queue_bytes_max_) drop_oldest();
  if (!is_waiting_) pump();
}

std::string_view TreeFeed::take_oldest() {
  const auto rest = std::string_view(queue_).substr(taken_);
  const auto line = rest.substr(0, rest.find('\n') + 1);
  taken_ += line.size();
  return line;
}

void TreeFeed::drop_oldest() {
  const auto seq = seq_of(take_oldest());
  if (dropped_++ == 0) {
    first_dropped_ = seq;
    if (ever_read_) note_("feed is full because nobody reads it; from message " + seq + " on the oldest are dropped");
  }
  last_dropped_ = seq;
  if (taken_ > queue_bytes_max_) queue_.erase(0, std::exchange(taken_, 0));
}

std::size_t TreeFeed::lying_bytes() {
  int lying = 0;
  return ::ioctl(fd(), FIONREAD, &lying) == 0 ? static_cast<std::size_t>(lying) : 0;
}

/// REQUIRES: no line of ours is in the FIFO.
void TreeFeed::pump() {
  if (queued_bytes() == 0) return;
  if (lying_bytes() > 0) return wait();  // somebody else has written into it
  in_pipe_ = take_oldest();
  if (taken_ == queue_.size()) queue_.erase(0, std::exchange(taken_, 0));
  if (::write(fd(), in_pipe_.data(), in_pipe_.size()) < 0)
    note_("message " + seq_of(in_pipe_) + " didn't go into feed");
  wait();
}

void TreeFeed::wait() {
  is_waiting_ = true;
  fifo_->async_wait(asio::posix::stream_descriptor::wait_write,
                    [this, alive = std::weak_ptr(alive_)](std::error_code error) {
                      if (error || alive.expired()) return;
                      is_waiting_ = false;
                      was_read();
                    });
}

void TreeFeed::wait_a_while() {
  is_waiting_ = true;
  again_.expires_after(look_again_ms);
  again_.async_wait([this, alive = std::weak_ptr(alive_)](std::error_code error) {
    if (!error && !alive.expired()) wait();
  });
}

void TreeFeed::was_read() {
  if (lying_bytes() > 0) return wait_a_while();
  ever_read_ = true;
  in_pipe_.clear();
  if (dropped_ > 0)
    note_("dropped from feed because nobody read it: messages " + first_dropped_ + " to " + last_dropped_ + ", " +
          std::to_string(dropped_) + " in all");
  dropped_ = 0;
  pump();
}

void TreeFeed::replace(Descriptor fifo) {
  std::string back(lying_bytes(), '\0');
  const bool unread = !in_pipe_.empty() && back.size() == in_pipe_.size() &&
                      ::read(fd(), back.data(), back.size()) == static_cast<ssize_t>(back.size());
  if (unread) queue_.replace(0, std::exchange(taken_, 0), back);
  in_pipe_.clear();
  is_waiting_ = false;
  alive_ = std::make_shared<int>();  // what waited for the old one is nobody's business any more
  open(std::move(fifo));
  pump();
}

}  // namespace hubbub::agent
