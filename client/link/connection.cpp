#include "client/link/connection.hpp"

#include <utility>

#include "proto/limits.hpp"

namespace hubbub::link {

namespace {

constexpr std::size_t read_buffer_bytes = 64u << 10;
/// Reads in a row before others on the loop get their turn.
constexpr int reads_per_turn = 16;

}  // namespace

Connection::Connection(asio::io_context& loop, Stream::Socket socket, Owner& owner, std::string_view peer)
    : loop_(loop),
      stream_(std::move(socket)),
      owner_(&owner),
      peer_(peer),
      frames_(limits::frame_bytes_max),
      buffer_(read_buffer_bytes),
      last_heard_(std::chrono::steady_clock::now()) {}

void Connection::close() {
  owner_ = nullptr;
  stream_.close();
}

void Connection::lose(Status status, std::string sentence) {
  auto* owner = owner_;
  close();
  if (owner != nullptr) owner->lost({status, std::move(sentence)});
}

void Connection::go_on_reading() {
  if (reading_) return;
  reading_ = true;
  asio::post(loop_, [self = shared_from_this()] { self->read(); });
}

void Connection::read() {
  for (int i = 0; i < reads_per_turn && open(); ++i) {
    if (!owner_->may_read()) {
      reading_ = false;
      return;
    }
    if (!read_once()) return;
  }
  if (open()) asio::post(loop_, [self = shared_from_this()] { self->read(); });
}

/// False if there is nothing more to read for now, or at all.
bool Connection::read_once() {
  const auto result = stream_.read_some(buffer_);
  switch (result.status) {
    case IoStatus::done: return hand_out(result.bytes);
    case IoStatus::would_block: wait_to_read(); break;
    case IoStatus::closed: lose(Status::unavailable, peer_ + " has closed the connection"); break;
    case IoStatus::failed: lose(Status::unavailable, "the connection broke: " + result.error.message()); break;
  }
  return false;
}

void Connection::wait_to_read() {
  stream_.on_readable([self = shared_from_this()] { self->read(); });
}

bool Connection::hand_out(std::size_t bytes) {
  last_heard_ = std::chrono::steady_clock::now();
  const auto outcome = frames_.feed({buffer_.data(), bytes}, [this](const proto::Frame& frame) {
    owner_->received(frame);
    return open();
  });
  if (outcome == FrameReader::Outcome::frame_too_large)
    lose(Status::internal, "what came is not the hubbub protocol: a frame is larger than any of it");
  if (!open()) return false;
  const bool more = bytes == buffer_.size();
  if (!more) wait_to_read();
  return more;
}

void Connection::write_soon() {
  if (write_posted_ || write_blocked_) return;
  write_posted_ = true;
  asio::post(loop_, [self = shared_from_this()] {
    self->write_posted_ = false;
    self->write();
  });
}

void Connection::write() {
  while (open() && !write_blocked_ && unwritten() > 0) {
    if (write_broken_) return drop_written(unwritten());
    const iovec parts[] = {{writing_.data() + written_, writing_.size() - written_},
                           {filling_.data(), filling_.size()}};
    const auto result = stream_.write_some(parts);
    switch (result.status) {
      case IoStatus::done: drop_written(result.bytes); break;
      case IoStatus::would_block: wait_to_write(); break;
      case IoStatus::closed:
      case IoStatus::failed: write_broken_ = true; break;
    }
  }
}

void Connection::wait_to_write() {
  write_blocked_ = true;
  stream_.on_writable([self = shared_from_this()] {
    self->write_blocked_ = false;
    self->write();
    if (self->open()) self->owner_->written();
  });
}

/// Swaps the buffers where one is through, so that nothing is moved and both keep their memory.
void Connection::drop_written(std::size_t bytes) {
  written_ += bytes;
  if (written_ < writing_.size()) return;
  written_ -= writing_.size();
  writing_.clear();
  std::swap(writing_, filling_);
  if (written_ == writing_.size()) {
    writing_.clear();
    written_ = 0;
  }
}

}  // namespace hubbub::link
