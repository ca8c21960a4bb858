// Which life of a hub a room's numbers belong to: of its memory, or of its store where the room is durable.
//   Welcome --> life_of() --> compared; where it differs, the room has begun anew at 1, however far it is
#pragma once

#include <array>
#include <cstdint>

#include "proto/messages/session.hpp"

namespace hubbub::link {

/// Zero: nobody has told.
using RoomLife = std::array<std::uint8_t, 16>;

inline RoomLife life_of(const proto::Welcome& welcome, bool durable) {
  return durable ? welcome.store.bytes : welcome.life.bytes;
}

/// Whether both are told and not the same.
inline bool is_other_life(const RoomLife& one, const RoomLife& other) {
  return one != RoomLife{} && other != RoomLife{} && one != other;
}

}  // namespace hubbub::link
