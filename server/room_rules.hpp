// How long which rooms are kept: `rooms.rules` of the configuration.
//   "ci.> durability=fsync messages=100000 bytes=1G age=30d"  --parse-->  RoomRule
// The first rule whose pattern matches a room decides; where none does, a room is durable and kept for ever. Direct
// conversations are matched by `@*` alone.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "proto/text.hpp"
#include "server/log/room_policy.hpp"

namespace hubbub::server {

struct RoomRule {
  Pattern pattern = Pattern::literal(">");
  RoomPolicy policy;
  bool operator==(const RoomRule&) const = default;
};

/// Fails with invalid_argument and a sentence that says what a rule is.
Result<RoomRule> parse_room_rule(std::string_view text);
/// In the form that parse_room_rule() takes, only with what differs from the standard.
std::string show(const RoomRule& rule);

/// `name` is a room's name; of a direct room, any that begins with `@`.
RoomPolicy policy_for(const std::vector<RoomRule>& rules, const RoomName& name);

}  // namespace hubbub::server
