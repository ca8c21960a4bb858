// What the writer knows of a room without asking the database.
#pragma once

#include <unordered_map>

#include "server/log/records.hpp"
#include "server/log/sqlite/database.hpp"

namespace hubbub::server::sqlite {

/// A batch's end, as far as retention asks for it.
struct BatchEnd {
  Seq last;
  std::uint64_t total = 0;  ///< bytes of the room's frames up to here (see schema.hpp)
  WallTime time;            ///< of its last message
};

struct RoomState {
  Seq last;                 ///< its newest message
  Seq trimmed;              ///< the newest message that retention gave up
  Seq folded;               ///< table producers holds what was published up to here
  std::uint64_t total = 0;  ///< as BatchEnd::total, of the newest batch
  BatchEnd oldest;          ///< of its oldest batch, if it has any
  std::size_t pending = 0;  ///< while a group is written: its place in the group and one; zero: it has none
  bool fold_due = false;    ///< it is on the list of those to be folded

  [[nodiscard]] std::uint64_t unfolded() const { return last.value - folded.value; }
  [[nodiscard]] bool is_empty() const { return last == trimmed; }
};

using RoomStates = std::unordered_map<RoomId, RoomState>;

/// A row for each room, and a seek or two.
Result<RoomStates> read_room_states(Database& database);

}  // namespace hubbub::server::sqlite
