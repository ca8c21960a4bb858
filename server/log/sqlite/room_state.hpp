// What the writer knows of a room without asking the database.
#pragma once

#include <unordered_map>

#include "server/log/records.hpp"
#include "server/log/room_policy.hpp"
#include "server/log/sqlite/database.hpp"

namespace hubbub::server::sqlite {

struct RoomState {
  Seq last;                 ///< its newest message
  Seq trimmed;              ///< the newest message that retention gave up
  Seq folded;               ///< table producers holds what was published up to here
  std::uint64_t total = 0;  ///< bytes of the frames of its batches, up to and with the newest (see schema.hpp)
  WallTime oldest_time;     ///< of the last message of its oldest batch: no message is older and gone later
  RoomPolicy policy;
  std::size_t pending = 0;  ///< while a group is written: its place in the group and one; zero: it has none

  [[nodiscard]] std::uint64_t unfolded() const { return last.value - folded.value; }
  [[nodiscard]] bool is_empty() const { return last == trimmed; }
};

using RoomStates = std::unordered_map<RoomId, RoomState>;

/// A row for each room, and a seek or two.
Result<RoomStates> read_room_states(Database& database);

}  // namespace hubbub::server::sqlite
