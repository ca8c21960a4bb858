// The least that a ring can be: slots of one size, a counter, and nobody who falls behind, sleeps, lies or dies.
//   write --> | slot | slot | … | --> read, read, read
#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <cstring>

namespace hubbub::bench {

inline constexpr std::size_t ring_message_bytes = 128;
using RingMessage = std::array<std::uint64_t, ring_message_bytes / sizeof(std::uint64_t)>;

inline constexpr std::size_t ring_capacity_bytes = 4 << 20;
inline constexpr std::uint64_t bare_slots = ring_capacity_bytes / ring_message_bytes;

struct BareRing {
  alignas(128) std::atomic<std::uint64_t> published{0};
  alignas(128) std::array<RingMessage, bare_slots> slots{};

  void put(std::uint64_t number, const RingMessage& message) {
    std::memcpy(&slots[number % bare_slots], &message, sizeof message);
  }
  void get(std::uint64_t number, RingMessage& message) const {
    std::memcpy(&message, &slots[number % bare_slots], sizeof message);
  }
};

}  // namespace hubbub::bench
