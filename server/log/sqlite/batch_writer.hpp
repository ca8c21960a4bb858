// Writes messages. What one group holds for a room, however many batches, becomes one row, or a few where it is large:
// rows cost, and readers like them long.
//   Batch, Batch … --add--> [room: frames, runs] --write_rest--> rows of table batches
// The rows of a group belong to one transaction, which the Writer begins and ends; then keep() or drop() what was
// learnt.
#pragma once

#include <string>
#include <vector>

#include "server/log/records.hpp"
#include "server/log/sqlite/room_state.hpp"

namespace hubbub::server::sqlite {

class BatchWriter {
 public:
  BatchWriter(Database& database, RoomStates& rooms, std::int64_t next_id)
      : database_(database), rooms_(rooms), next_id_(next_id), kept_next_id_(next_id) {}

  /// REQUIRES: the room is known, and the batch begins after its newest message.
  Result<void> add(const Batch& batch);
  Result<void> write_rest();
  /// The group is committed: the rooms are that much longer. Calls `grown(room, its state)` for each of them.
  template <class Grown>
  void keep(Grown&& grown);
  /// It isn't: nothing was added.
  void drop();

  /// No batch has this id or a higher one.
  [[nodiscard]] std::int64_t next_id() const { return next_id_; }

 private:
  /// What the next row of a room will hold.
  struct Pending {
    RoomId room;
    RoomState* state = nullptr;
    Seq first, last;  ///< first is after last while nothing waits to be written
    WallTime first_time, last_time;
    BatchEnd oldest;          ///< of the first row that the group writes for the room
    std::uint64_t total = 0;  ///< with what waits
    std::string runs, frames;
    const Slice* retained = nullptr;
  };
  Pending& pending_of(RoomId room);
  Result<void> write(Pending& pending);
  Result<void> retain(const Pending& pending);
  void clear();

  Database& database_;
  RoomStates& rooms_;
  std::int64_t next_id_;
  std::int64_t kept_next_id_;
  std::vector<Pending> pending_;  // the first pending_count_ of them: their strings are used again
  std::size_t pending_count_ = 0;
  Statement insert_{database_,
                    "INSERT INTO batches(id, room, first, last, first_time, last_time, total, format, runs, frames) "
                    "VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)"};
  Statement retain_{database_, "UPDATE rooms SET retained = ?2 WHERE id = ?1"};
};

template <class Grown>
void BatchWriter::keep(Grown&& grown) {
  for (std::size_t i = 0; i < pending_count_; ++i) {
    const auto& pending = pending_[i];
    auto& state = *pending.state;
    if (state.is_empty()) state.oldest = pending.oldest;
    state.last = pending.last;
    state.total = pending.total;
    grown(pending.room, state);
  }
  kept_next_id_ = next_id_;
  clear();
}

}  // namespace hubbub::server::sqlite
