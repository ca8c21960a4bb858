#include "client/agent/local_session.hpp"

#include <algorithm>
#include <utility>

#include "common/fd_passing.hpp"

namespace hubbub::agent {

namespace {

/// What may wait for a program that doesn't read; then its messages wait at the hub.
constexpr std::size_t full_bytes = 1u << 20;
/// What a buffer keeps of its memory when it is through.
constexpr std::size_t kept_capacity_max = 256u << 10;
/// Reads of one session before others have their turn.
constexpr int reads_per_turn = 4;

}  // namespace

LocalSession::LocalSession(Core& core, Stream stream, Caller caller)
    : core_(core), stream_(std::move(stream)), caller_(std::move(caller)) {}

bool LocalSession::is_full() const { return unwritten() >= full_bytes; }

void LocalSession::wait_to_read() {
  if (reading_ || input_ended_ || stopped_reading_ || !may_take()) return;
  reading_ = true;
  stream_.on_readable([self = shared_from_this()] {
    self->reading_ = false;
    self->read();
  });
}

void LocalSession::read() {
  auto& buffer = core_.read_buffer;
  for (int turn = 0; turn < reads_per_turn && may_take() && !stopped_reading_; ++turn) {
    const auto got = stream_.read_some(buffer);
    if (got.status == IoStatus::would_block) break;
    if (got.status == IoStatus::failed) return close();
    if (got.status == IoStatus::closed) {
      input_ended_ = true;
      wait_for_hangup();
      return ended();
    }
    take({buffer.data(), got.bytes});
    if (got.bytes < buffer.size()) break;
  }
  wait_to_read();
}

/// The program has ended its side, but may still read. When it has gone altogether, the kernel says so.
void LocalSession::wait_for_hangup() {
  stream_.on_hangup([self = shared_from_this()] { self->gone_ = true, self->close_if_taken(); });
}

void LocalSession::close_if_taken() {
  if (gone_ && !has_input()) close();
}

void LocalSession::go_on() {
  if (!may_take()) return;
  resume();
  if (may_take() && input_ended_) ended();
  close_if_taken();
  wait_to_read();
}

void LocalSession::pause_until_writable() {
  if (std::exchange(paused_, true)) return;
  core_.sending.when_writable([self = weak_from_this()] {
    const auto session = self.lock();
    if (!session) return;
    session->paused_ = false;
    session->go_on();
  });
}

void LocalSession::write_soon() {
  if (write_broken_) beside_.clear();
  if (write_broken_) return filling_.clear();
  if (is_full()) was_full_ = true;
  if (write_blocked_ || std::exchange(write_posted_, true)) return;
  asio::post(core_.loop, [self = shared_from_this()] {
    self->write_posted_ = false;
    self->write();
  });
}

void LocalSession::hand_over(std::vector<Descriptor> descriptors) {
  beside_ = std::move(descriptors);
  beside_at_ = sent_ + unwritten();
}

/// At most up to where descriptors belong.
IoResult LocalSession::write_some() {
  const auto most = beside_.empty() ? unwritten() : static_cast<std::size_t>(beside_at_ - sent_);
  if (most == 0) return write_beside();
  const auto first = std::min(most, writing_.size() - written_);
  const iovec parts[] = {{writing_.data() + written_, first},
                         {filling_.data(), std::min(most - first, filling_.size())}};
  return stream_.write_some(parts);
}

IoResult LocalSession::write_beside() {
  std::vector<int> descriptors;
  for (const auto& one : beside_) descriptors.push_back(one.get());
  const auto bytes = written_ < writing_.size() ? std::string_view(writing_).substr(written_) : filling_;
  const auto result = send_with_descriptors(stream_.native_handle(), bytes, descriptors);
  if (result.status == IoStatus::done) beside_.clear();
  return result;
}

void LocalSession::write() {
  while (is_open() && !write_blocked_ && unwritten() > 0) {
    const auto result = write_some();
    if (result.status == IoStatus::would_block) return wait_to_write();
    if (result.status != IoStatus::done) return stop_writing();
    sent_ += result.bytes;
    written_ += result.bytes;
    if (written_ < writing_.size()) continue;
    written_ -= writing_.size();
    writing_.clear();
    std::swap(writing_, filling_);
    if (written_ < writing_.size()) continue;
    written_ = 0;
    writing_.clear();
    if (writing_.capacity() > kept_capacity_max) writing_.shrink_to_fit();
  }
  if (!is_open()) return;
  if (finishing_) return close();
  if (!std::exchange(was_full_, false)) return;
  core_.switchboard.drained(*this);
  go_on();
}

/// Nobody reads any more; but what the program has said before it went is still there to be taken.
void LocalSession::stop_writing() {
  write_broken_ = true;
  writing_.clear();
  filling_.clear();
  beside_.clear();
  written_ = 0;
  was_full_ = false;
  leave();
  if (finishing_ || input_ended_) return close();
  go_on();
}

void LocalSession::wait_to_write() {
  write_blocked_ = true;
  stream_.on_writable([self = shared_from_this()] {
    self->write_blocked_ = false;
    self->write();
  });
}

/// Nothing more is received.
void LocalSession::leave() {
  core_.switchboard.remove(*this);
  core_.ring.remove(this);
}

void LocalSession::finish() {
  if (!is_open()) return;
  finishing_ = true;
  leave();
  write_soon();
}

void LocalSession::close() {
  if (!is_open()) return;
  stream_.close();
  leave();
  const auto self = shared_from_this();
  if (const auto closed = std::exchange(closed_, nullptr)) closed(self);
}

}  // namespace hubbub::agent
