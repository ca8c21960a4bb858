#include "server/fanout/outbox.hpp"

#include <algorithm>
#include <array>

namespace hubbub::server {

namespace {

/// Parts of one gathered write. More cost more than they gain: 64 KiB are reached long before.
constexpr std::size_t parts_max = 64;
/// A chunk for a session's own frames: a handful of replies.
constexpr std::uint32_t own_chunk_bytes = 1024;

}  // namespace

void Outbox::push(const Slice& slice) {
  if (!empty() && slices_.back().continues_with(slice)) {
    slices_.back().extend_by(slice);
    return;
  }
  slices_.push_back(slice);
  account(slices_.size() - 1);
}

void Outbox::push_own(std::string_view frames) {
  if (frames.empty()) return;  // nothing to write would look like a peer that takes nothing
  const auto bytes = static_cast<std::uint32_t>(frames.size());
  if (!own_ || own_->capacity() - own_used_ < bytes) {
    own_ = ChunkRef::make(std::max(bytes, own_chunk_bytes));
    own_used_ = 0;
  }
  std::memcpy(own_->data() + own_used_, frames.data(), bytes);
  const Slice slice{own_, own_used_, bytes, {}, {}, {}};
  own_used_ += bytes;
  if (!empty() && slices_.back().continues_with(slice)) {
    slices_.back().extend_by(slice);
    own_bytes_ += bytes;
    return;
  }
  slices_.push_back(slice);
  account(slices_.size() - 1);
}

void Outbox::push_shared(const Slice& frame) {
  slices_.push_back(frame);
  account(slices_.size() - 1);
}

namespace {

/// Of the first frame of it.
std::uint32_t frame_bytes_at(const Slice& slice) {
  const auto header = proto::read_frame_header(slice.view().data());
  return static_cast<std::uint32_t>(proto::frame_header_bytes) + header.payload_bytes;
}

}  // namespace

/// So that the head begins with the first frame that isn't wholly written.
void Outbox::trim_head() {
  if (written_ == 0 || slices_[head_].room.value == 0) return;
  auto& head = slices_[head_];
  for (auto frame = frame_bytes_at(head); frame <= written_; frame = frame_bytes_at(head)) {
    head.offset += frame;
    head.bytes -= frame;
    head.first = head.first.next();
    written_ -= frame;
  }
}

/// Cuts the head behind the frame that is being written, so that the rest of it can be dropped. Without the memory for
/// that it stays whole.
void Outbox::split_head() try {
  trim_head();
  if (written_ == 0 || slices_[head_].room.value == 0) return;
  const auto begun = frame_bytes_at(slices_[head_]);
  if (begun == slices_[head_].bytes) return;
  const auto rest = slices_.emplace(slices_.begin() + static_cast<std::ptrdiff_t>(head_) + 1);
  auto& head = *(rest - 1);
  *rest = {head.chunk, head.offset + begun, head.bytes - begun, head.room, head.first.next(), head.last};
  head.bytes = begun;
  head.last = head.first;
} catch (const std::bad_alloc&) {
  return;
}

void Outbox::take_back_begun() {
  trim_head();
  if (!empty() && slices_[head_].room.value != 0) written_ = 0;
}

/// A slice pins its chunk, unless the one before it does already.
std::size_t Outbox::pins(std::size_t at) const {
  const bool shared_with_last = at > head_ && slices_[at - 1].chunk == slices_[at].chunk;
  return shared_with_last ? 0 : slices_[at].chunk->capacity();
}

void Outbox::account(std::size_t at) {
  pinned_bytes_ += pins(at);
  if (slices_[at].room.value == 0) own_bytes_ += slices_[at].bytes;
}

/// After slices were taken out of the middle.
void Outbox::count_again() {
  head_ = pinned_bytes_ = own_bytes_ = 0;
  for (std::size_t at = 0; at < slices_.size(); ++at) account(at);
  if (!empty() && slices_.front().room.value == 0) own_bytes_ -= written_;
}

IoResult Outbox::write_to(Stream& stream) {
  while (!empty()) {
    std::array<iovec, parts_max> parts;
    const auto count = std::min(parts_max, slices_.size() - head_);
    std::size_t wanted = 0;
    for (std::size_t i = 0; i < count; ++i) {
      auto bytes = slices_[head_ + i].view();
      if (i == 0) bytes.remove_prefix(written_);
      parts[i] = {const_cast<char*>(bytes.data()), bytes.size()};
      wanted += bytes.size();
    }
    const auto result = stream.write_some(std::span(parts).first(count));
    if (result.status != IoStatus::done) return result;
    consume(result.bytes);
    if (result.bytes < wanted) return {IoStatus::would_block, result.bytes, {}};
  }
  return {};
}

void Outbox::consume(std::size_t bytes) {
  while (bytes > 0) {
    const auto& head = slices_[head_];
    const auto taken = std::min<std::size_t>(bytes, head.bytes - written_);
    if (head.room.value == 0) own_bytes_ -= taken;
    bytes -= taken;
    written_ += taken;
    if (written_ == head.bytes) pop_head();
  }
  if (!empty()) return;
  slices_.clear();
  head_ = 0;
  if (slices_.capacity() > 2) slices_.shrink_to_fit();
  own_ = {};
}

void Outbox::pop_head() {
  const auto pinned = pins(head_);
  const bool next_shares = head_ + 1 < slices_.size() && slices_[head_ + 1].chunk == slices_[head_].chunk;
  if (!next_shares) pinned_bytes_ -= pinned;  // else the next one pins it from now on
  slices_[head_].chunk = {};
  ++head_;
  written_ = 0;
  if (head_ < 64 || head_ * 2 < slices_.size()) return;
  slices_.erase(slices_.begin(), slices_.begin() + static_cast<std::ptrdiff_t>(head_));
  head_ = 0;
}

}  // namespace hubbub::server
