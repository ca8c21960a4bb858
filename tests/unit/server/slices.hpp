// Slices as a room makes them: whole Delivery frames, one after the other, in a chunk.
#pragma once

#include <algorithm>
#include <string>
#include <vector>

#include "proto/codec.hpp"
#include "server/fanout/chunk.hpp"

namespace hubbub::server {

inline std::string delivery_frame(RoomId room, Seq seq, const std::string& body) {
  proto::Delivery delivery;
  delivery.room = room;
  delivery.seq = seq;
  delivery.from = PersonName::literal("alice");
  delivery.body = {body};
  return proto::encoded(delivery);
}

/// A frame with any payload.
inline std::string frame_of(std::string_view payload) {
  std::string frame(proto::frame_header_bytes, '\0');
  proto::write_frame_header(frame.data(), {proto::Delivery::type, static_cast<std::uint32_t>(payload.size())});
  return frame.append(payload);
}

/// Appends frames to one chunk, as a room does.
class ChunkWriter {
 public:
  explicit ChunkWriter(std::uint32_t capacity) : chunk_(ChunkRef::make(capacity)) {}

  /// Room zero: bytes for one session alone.
  Slice write(RoomId room, Seq seq, const std::string& frame) {
    std::ranges::copy(frame, chunk_->data() + used_);
    const Slice slice{chunk_, used_, static_cast<std::uint32_t>(frame.size()), room, seq, seq};
    used_ += slice.bytes;
    return slice;
  }
  [[nodiscard]] bool fits(std::size_t bytes) const { return chunk_->capacity() - used_ >= bytes; }

 private:
  ChunkRef chunk_;
  std::uint32_t used_ = 0;
};

/// Messages `first` … of `room` with these bodies, in a chunk of their own.
inline Slice slice_of(RoomId room, Seq first, const std::vector<std::string>& bodies) {
  std::string frames;
  auto seq = first;
  for (const auto& body : bodies) {
    frames += delivery_frame(room, seq, body);
    seq = seq.next();
  }
  auto slice = ChunkWriter(static_cast<std::uint32_t>(frames.size())).write(room, first, frames);
  slice.last = seq.previous();
  return slice;
}

/// Any bytes, in a chunk of their own.
inline Slice slice_of_bytes(const std::string& bytes) {
  return ChunkWriter(static_cast<std::uint32_t>(bytes.size())).write({}, {}, bytes);
}

/// The seqs of the Deliveries in it, as they stand in its bytes.
inline std::vector<std::uint64_t> seqs_in(const Slice& slice) {
  std::vector<std::uint64_t> seqs;
  for_each_payload(slice, [&](std::string_view payload) { seqs.push_back(proto::seq_of_delivery(payload)->value); });
  return seqs;
}

/// `first`, `first` + 1 … `last`.
inline std::vector<std::uint64_t> from_to(std::uint64_t first, std::uint64_t last) {
  std::vector<std::uint64_t> seqs;
  for (auto seq = first; seq <= last; ++seq) seqs.push_back(seq);
  return seqs;
}

}  // namespace hubbub::server
