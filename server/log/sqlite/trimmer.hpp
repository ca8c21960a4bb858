// Keeps the database from growing for ever, a small step at a time, each in a transaction that the Writer begins and
// ends: folds what producers published into their rows, and deletes what retention gives up.
//   policies --keep--> [bounded rooms] --next_to_trim(now)--> trim
//   commits --note--> [rooms with much that isn't folded] --next_to_fold--> fold
// A batch is never deleted before its runs are folded: a producer is remembered longer than its messages.
#pragma once

#include <map>
#include <optional>
#include <vector>

#include "server/log/room_policy.hpp"
#include "server/log/sqlite/mark_table.hpp"
#include "server/log/sqlite/producer_table.hpp"
#include "server/log/sqlite/room_state.hpp"

namespace hubbub::server::sqlite {

class Trimmer {
 public:
  /// Batches that one step of trimming deletes.
  static constexpr std::int64_t step_rows_max = 64;

  Trimmer(Database& database, RoomStates& rooms, MarkTable& marks);

  void keep(RoomId room, const RoomPolicy& policy);
  /// The room has grown. Puts it on the list of those to be folded, once that is worth while.
  void note(RoomId room, RoomState& state);

  /// In turn, so that one busy room doesn't keep the others waiting.
  std::optional<RoomId> next_to_trim(WallTime now);
  std::optional<RoomId> next_to_fold();
  [[nodiscard]] bool has_bounds() const { return !bounded_.empty(); }
  /// How many batches may be written for the price of a look at all rooms that finds nothing to trim.
  [[nodiscard]] std::int64_t rows_a_look() const { return static_cast<std::int64_t>(bounded_.size()) / 16; }

  /// What a step changes, if its transaction is committed.
  struct Step {
    RoomId room;
    RoomState after;
  };
  /// Deletes the oldest batches that may go, a bounded number of them.
  Result<Step> trim(RoomId room, WallTime now);
  Result<Step> fold(RoomId room);
  void keep(const Step& step);

 private:
  [[nodiscard]] bool is_due(RoomId room, const RoomPolicy& policy, WallTime now) const;
  Result<std::optional<BatchEnd>> choose(RoomId room, WallTime now, RoomState& after);
  Result<void> fold(RoomId room, RoomState& after);

  RoomStates& rooms_;
  MarkTable& marks_;
  std::map<RoomId, RoomPolicy> bounded_;
  RoomId trimmed_last_;
  std::vector<RoomId> fold_due_;
  ProducerTable producers_;
  Statement oldest_;
  Statement delete_;
  Statement set_trimmed_;
  Statement set_folded_;
};

}  // namespace hubbub::server::sqlite
