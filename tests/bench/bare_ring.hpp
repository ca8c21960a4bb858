// The least that a ring of this shape can be: records of any length one behind the other, round and round, and one
// counter. Nobody is lapped in it, sleeps, lies or dies.
//   put --> | length, message | length, message | … | --> get, get, get
#pragma once

#include <algorithm>
#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>

namespace hubbub::bench {

inline constexpr std::size_t ring_message_bytes = 128;
using RingMessage = std::array<std::uint64_t, ring_message_bytes / sizeof(std::uint64_t)>;

inline constexpr std::size_t ring_capacity_bytes = 4 << 20;

class BareRing {
 public:
  /// Where the next record begins. REQUIRES: every reader is through with what was there.
  std::uint64_t put(std::uint64_t position, std::span<const std::byte> message) {
    Head head{message.size(), 0};
    std::memcpy(&bytes_[position % ring_capacity_bytes], &head, sizeof head);
    const auto at = (position + sizeof head) % ring_capacity_bytes;
    const auto before_end = std::min(message.size(), ring_capacity_bytes - at);
    std::memcpy(&bytes_[at], message.data(), before_end);
    std::memcpy(bytes_.data(), message.data() + before_end, message.size() - before_end);
    return end_of(position, message.size());
  }
  /// The record there, by `length` of it, into `into`. Where the next one begins.
  std::uint64_t get(std::uint64_t position, std::span<std::byte> into, std::size_t& length) const {
    Head head;
    std::memcpy(&head, &bytes_[position % ring_capacity_bytes], sizeof head);
    length = std::min(head.length, into.size());
    const auto at = (position + sizeof head) % ring_capacity_bytes;
    const auto before_end = std::min(length, ring_capacity_bytes - at);
    std::memcpy(into.data(), &bytes_[at], before_end);
    std::memcpy(into.data() + before_end, bytes_.data(), length - before_end);
    return end_of(position, head.length);
  }

  alignas(128) std::atomic<std::uint64_t> published{0};

 private:
  struct Head {
    std::size_t length;
    std::uint64_t unused;
  };
  static std::uint64_t end_of(std::uint64_t position, std::size_t length) {
    return position + sizeof(Head) + (length + sizeof(Head) - 1) / sizeof(Head) * sizeof(Head);
  }

  alignas(128) std::array<std::byte, ring_capacity_bytes> bytes_{};
};

}  // namespace hubbub::bench
