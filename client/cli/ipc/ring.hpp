// A ring of messages in shared memory, with one writer and one reader, each in a process of its own.
//   push --> | slot | slot | … | --> pop           written: how many were pushed   read: how many were popped
// No lock: the writer alone moves `written`, the reader alone `read` (Lamport 1983). Each remembers where the other was
// and looks again only where that is all used up, so that their cache lines rarely travel. How to wait for the other is
// the policy's: Wait::until_not(word, seen) gives the new position, Wait::move(word, to) sets it.
#pragma once

#include <algorithm>
#include <atomic>
#include <bit>
#include <cstdint>
#include <cstring>
#include <new>
#include <span>

#include "client/cli/ipc/shared.hpp"

namespace hubbub::ipc {

/// Counts messages, up and around, in steps of two: the lowest bit is free for who waits to leave a mark in the same
/// word. In a cache line of its own: what one process writes often must not share one with what the other writes.
struct alignas(64) Position {
  std::atomic<std::uint32_t> word{0};
};
inline constexpr std::uint32_t position_step = 2;
static_assert(std::atomic<std::uint32_t>::is_always_lock_free, "a lock would be in one process only");

/// As much as a pipe takes, in at least four slots; a power of two, so that positions can go around.
inline std::uint32_t ring_slots(std::size_t message_bytes) {
  constexpr std::size_t pipe_bytes = 64 * 1024;
  return static_cast<std::uint32_t>(std::max<std::size_t>(4, std::bit_floor(pipe_bytes / message_bytes)));
}

inline std::size_t ring_bytes(std::size_t message_bytes) {
  constexpr std::size_t line = alignof(Position);
  const auto slots = ring_slots(message_bytes) * message_bytes;
  return 2 * sizeof(Position) + (slots + line - 1) / line * line;
}

/// One process's view of a ring; it either pushes or pops. Doesn't own the memory.
template <class Wait>
class Ring {
 public:
  /// `memory`: ring_bytes() of zeroes, on a cache line's boundary.
  Ring(std::byte* memory, std::size_t message_bytes)
      : written_(*std::launder(reinterpret_cast<Position*>(memory))),
        read_(*std::launder(reinterpret_cast<Position*>(memory + sizeof(Position)))),
        slots_(memory + 2 * sizeof(Position)),
        message_bytes_(message_bytes),
        slot_count_(ring_slots(message_bytes)) {}

  void push(std::span<const std::byte> message) {
    const std::uint32_t full = slot_count_ * position_step;
    while (own_ - other_ == full) other_ = Wait::until_not(read_.word, own_ - full);
    std::memcpy(slot(own_), message.data(), message_bytes_);
    Wait::move(written_.word, own_ += position_step);
  }

  void pop(std::span<std::byte> message) {
    while (own_ == other_) other_ = Wait::until_not(written_.word, own_);
    std::memcpy(message.data(), slot(own_), message_bytes_);
    Wait::move(read_.word, own_ += position_step);
  }

 private:
  [[nodiscard]] std::byte* slot(std::uint32_t position) const {
    return slots_ + (position / position_step & (slot_count_ - 1)) * message_bytes_;
  }

  Position& written_;
  Position& read_;
  std::byte* slots_;
  std::size_t message_bytes_;
  std::uint32_t slot_count_;
  std::uint32_t own_ = 0;    ///< our own position
  std::uint32_t other_ = 0;  ///< the other's, when we looked last
};

}  // namespace hubbub::ipc
