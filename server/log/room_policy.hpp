// What is kept of a room's messages, and for how long.
#pragma once

#include <array>
#include <chrono>
#include <cstdint>
#include <string_view>

namespace hubbub::server {

enum class Durability : std::uint8_t {
  memory,  ///< nothing outlives the hub
  commit,  ///< an acknowledged message survives kill -9 and a crash of the hub; not always a loss of power
  fsync,   ///< and a loss of power, as far as the disk tells the truth about its cache
};
inline constexpr std::array<std::string_view, 3> durability_names = {"memory", "commit", "fsync"};

/// Of a durable room, what has to be kept at least. Zero: no bound. A message goes once any one of the bounds allows
/// it.
struct RoomPolicy {
  Durability durability = Durability::commit;
  std::uint64_t messages = 0;
  std::uint64_t bytes = 0;
  std::chrono::nanoseconds age{0};
  bool operator==(const RoomPolicy&) const = default;
};

}  // namespace hubbub::server
