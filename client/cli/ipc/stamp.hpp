// What makes a message one of a kind, so that a lost, repeated or torn one is noticed: a word at its front, and again
// at its end where that doesn't overlap.
//   Stamp{ask, 7} --stamp--> |word|............|word| --read_stamp--> Stamp{ask, 7}, or nothing
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <optional>
#include <span>

#include "client/cli/ipc/mechanism.hpp"

namespace hubbub::ipc {

enum class Kind : std::uint64_t {
  ask = 0,   ///< to be sent back as it is
  tell = 1,  ///< not to be answered
  end = 2,   ///< the last message
};

struct Stamp {
  Kind kind;
  std::uint64_t number;  ///< 0, 1, 2 … over all kinds; less than 2^62
  bool operator==(const Stamp&) const = default;
};

/// REQUIRES, as of read_stamp: at least message_bytes_min.
inline void stamp(std::span<std::byte> message, Stamp stamp) {
  const std::uint64_t word = stamp.number << 2U | static_cast<std::uint64_t>(stamp.kind);
  std::memcpy(message.data(), &word, sizeof word);
  if (message.size() >= 2 * sizeof word) std::memcpy(message.last(sizeof word).data(), &word, sizeof word);
}

/// Nothing if front and end differ.
inline std::optional<Stamp> read_stamp(std::span<const std::byte> message) {
  std::uint64_t front = 0;
  std::memcpy(&front, message.data(), sizeof front);
  std::uint64_t end = front;
  if (message.size() >= 2 * sizeof end) std::memcpy(&end, message.last(sizeof end).data(), sizeof end);
  if (front != end) return std::nullopt;
  return Stamp{static_cast<Kind>(front & 3U), front >> 2U};
}

static_assert(message_bytes_min >= sizeof(std::uint64_t));

}  // namespace hubbub::ipc
