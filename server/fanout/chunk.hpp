// Where outgoing frames lie, and how they are shared: written once, referred to by everybody.
//   Room --appends--> Chunk <--Slice-- log, outboxes of sessions on every core
//
// A chunk has one writer (the room's home core), which only ever appends. A slice is handed to other threads through a
// mailbox, after its bytes were written, so readers need no lock; only the count of references is shared.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <new>
#include <string_view>
#include <utility>

#include "proto/frame.hpp"
#include "proto/hot.hpp"
#include "proto/ids.hpp"

namespace hubbub::server {

/// The largest chunk that a room grows to. 80 % of what a socket can take needs about this much in one write.
inline constexpr std::uint32_t chunk_bytes_max = 64 * 1024;
/// The chunk of a quiet room: ten thousand of them must not cost a gigabyte.
inline constexpr std::uint32_t chunk_bytes_min = 1024;

class Chunk {
 public:
  [[nodiscard]] std::uint32_t capacity() const { return capacity_; }
  [[nodiscard]] const char* data() const { return reinterpret_cast<const char*>(this + 1); }
  [[nodiscard]] char* data() { return reinterpret_cast<char*>(this + 1); }

 private:
  friend class ChunkRef;
  explicit Chunk(std::uint32_t capacity) : capacity_(capacity) {}
  std::atomic<std::uint32_t> references_{1};
  const std::uint32_t capacity_;
};

/// A counted reference. Copying it costs one atomic increment, so the fan-out copies one per slice, not per message.
class ChunkRef {
 public:
  ChunkRef() = default;
  /// A chunk with room for `capacity` bytes, followed by them in one allocation.
  static ChunkRef make(std::uint32_t capacity) {
    ChunkRef made;
    made.chunk_ = new (::operator new(sizeof(Chunk) + capacity)) Chunk(capacity);
    return made;
  }
  ChunkRef(const ChunkRef& other) noexcept : chunk_(other.chunk_) {
    if (chunk_ != nullptr) chunk_->references_.fetch_add(1, std::memory_order_relaxed);
  }
  ChunkRef(ChunkRef&& other) noexcept : chunk_(std::exchange(other.chunk_, nullptr)) {}
  ChunkRef& operator=(ChunkRef other) noexcept {
    std::swap(chunk_, other.chunk_);
    return *this;
  }
  ~ChunkRef() {
    if (chunk_ == nullptr || chunk_->references_.fetch_sub(1, std::memory_order_acq_rel) != 1) return;
    chunk_->~Chunk();
    ::operator delete(chunk_);
  }

  explicit operator bool() const { return chunk_ != nullptr; }
  Chunk* operator->() const { return chunk_; }
  bool operator==(const ChunkRef&) const = default;

 private:
  Chunk* chunk_ = nullptr;
};

/// A run of whole frames in one chunk. With a room: messages `first` to `last` of it, all there, in order.
/// Without (room zero): frames for one session alone (replies, acknowledgements).
struct Slice {
  ChunkRef chunk;
  std::uint32_t offset = 0;
  std::uint32_t bytes = 0;
  RoomId room;
  Seq first;
  Seq last;

  [[nodiscard]] std::string_view view() const { return {chunk->data() + offset, bytes}; }
  [[nodiscard]] std::uint64_t messages() const { return last.value - first.value + 1; }

  /// True if `next` continues this slice, so that the two are one.
  [[nodiscard]] bool continues_with(const Slice& next) const {
    return chunk == next.chunk && offset + bytes == next.offset && room == next.room &&
           (room.value == 0 || last.next() == next.first);
  }
  void extend_by(const Slice& next) {
    bytes += next.bytes;
    last = next.last;
  }

  /// Messages `from` to `until` at most, about `bytes_max` bytes but at least one message. Walks the frames.
  /// REQUIRES: a room, first <= from <= last, from <= until.
  [[nodiscard]] Slice part(Seq from, Seq until, std::size_t bytes_max) const;
};

/// Calls `each(payload)` for every frame of the slice, in order.
template <class Each>
void for_each_payload(const Slice& slice, Each&& each) {
  for (auto left = slice.view(); !left.empty();) {
    const auto payload_bytes = proto::read_frame_header(left.data()).payload_bytes;
    each(left.substr(proto::frame_header_bytes, payload_bytes));
    left.remove_prefix(proto::frame_header_bytes + payload_bytes);
  }
}

}  // namespace hubbub::server
