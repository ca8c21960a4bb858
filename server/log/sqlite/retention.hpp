// What retention may give up. Pure.
//   a room's policy, its newest message, a batch's end, now --may_go--> yes or no
#pragma once

#include "server/log/room_policy.hpp"
#include "server/log/sqlite/room_state.hpp"

namespace hubbub::server::sqlite {

/// True if the policy ever lets something go.
inline bool is_bounded(const RoomPolicy& policy) {
  return policy.messages > 0 || policy.bytes > 0 || policy.age.count() > 0;
}

/// Whether any one of the bounds lets the batch that ends there go: without it, the room still has the messages or the
/// bytes that it must have, or all of it is old enough.
inline bool may_go(const BatchEnd& batch, const RoomPolicy& policy, const RoomState& room, WallTime now) {
  if (policy.messages > 0 && room.last.value - batch.last.value >= policy.messages) return true;
  if (policy.bytes > 0 && room.total - batch.total >= policy.bytes) return true;
  return policy.age.count() > 0 && batch.time.ns + static_cast<std::uint64_t>(policy.age.count()) <= now.ns;
}

}  // namespace hubbub::server::sqlite
