// A message among the dead: what it was, and why it couldn't be handled.
//   Message of ROOM.dead --read_dead_letter--> DeadLetter --again--> Outgoing to ROOM
// Pure.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "client/link/types.hpp"

namespace hubbub::cli {

/// Borrows from the message.
struct DeadLetter {
  std::string_view from, group, attempts, reason, error;
};

/// Nothing if the hub doesn't vouch for it, it was taken out, or it is none of `room`.
std::optional<DeadLetter> read_dead_letter(const link::Message& message, const RoomName& room);

/// The call that says it again where it was said first, without what the hub has added; with its `ttl` and its `key`,
/// and with no other mark.
proto::RoomPost again(const link::Message& message, const RoomName& room);

/// The room that keeps the dead of `room`. Fails with invalid_argument where that can't have any.
Result<RoomName> room_of_dead(const RoomName& room);

}  // namespace hubbub::cli
