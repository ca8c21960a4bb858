#include "server/log/sqlite/room_state.hpp"

namespace hubbub::server::sqlite {

namespace {

/// Its newest and its oldest batch, by the index alone.
Result<void> read_ends(RoomId room, RoomState& state, Statement& newest_batch, Statement& oldest_batch) {
  auto newest = newest_batch.query(room);
  if (newest.next()) {
    state.last = newest.seq(0);
    state.total = newest.number(1);
  }
  if (!newest.result()) return newest.result();
  auto oldest = oldest_batch.query(room);
  if (oldest.next()) state.oldest = {oldest.seq(0), oldest.number(1), oldest.time(2)};
  return oldest.result();
}

}  // namespace

Result<RoomStates> read_room_states(Database& database) {
  RoomStates states;
  Statement rooms(database, "SELECT id, trimmed, folded FROM rooms");
  Statement newest_batch(database, "SELECT last, total FROM batches WHERE room = ?1 ORDER BY first DESC LIMIT 1");
  Statement oldest_batch(database, "SELECT last, total, last_time FROM batches WHERE room = ?1 ORDER BY first LIMIT 1");
  auto rows = rooms.query();
  while (rows.next()) {
    RoomState state;
    state.trimmed = state.last = rows.seq(1);
    state.folded = rows.seq(2);
    const auto room = rows.room(0);
    if (auto read = read_ends(room, state, newest_batch, oldest_batch); !read) return tl::unexpected(read.error());
    states.emplace(room, state);
  }
  if (!rows.result()) return tl::unexpected(rows.result().error());
  return states;
}

}  // namespace hubbub::server::sqlite
