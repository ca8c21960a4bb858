// What the messages of durable rooms mean for earlier ones: written, and carried out, in the transaction that keeps
// them.
//   a batch's marks --note--> tables amendments, keys, expiring; and what they replace or redact is erased
//   time --expire--> erased
// Erasing overwrites a frame where it lies (proto/erase.hpp): some pages of a row, not the row. Used by the Writer,
// within its transactions.
#pragma once

#include <optional>
#include <span>
#include <string_view>
#include <utility>
#include <vector>

#include "server/log/records.hpp"
#include "server/log/sqlite/database.hpp"

namespace hubbub::server::sqlite {

struct ErasedMessage {
  RoomId room;
  Seq seq;
};

/// Column `what` of table amendments: a number of proto::Amends, and this where it takes one back.
inline constexpr std::int64_t what_undone = 16;

class MarkTable {
 public:
  explicit MarkTable(Database& database) : database_(database) {}
  /// What expires next, of what was kept before.
  Result<void> load();

  /// REQUIRES: the message is in its row.
  Result<void> note(RoomId room, const Marked& marked);
  /// Erases some of what has expired. True if there may be more.
  Result<bool> expire(WallTime now);
  /// When something expires next; none while nothing does.
  [[nodiscard]] std::optional<WallTime> next_due() const { return next_due_; }
  /// Messages up to `last` are gone.
  Result<void> forget(RoomId room, Seq last);

  /// The transaction was committed: what was erased in it.
  std::vector<ErasedMessage> take_erased() { return std::exchange(erased_, {}); }
  void keep() { kept_next_due_ = next_due_; }
  /// It was rolled back.
  void drop() {
    erased_.clear();
    next_due_ = kept_next_due_;
  }

 private:
  Result<void> replace(RoomId room, const Marked& marked);
  Result<void> amend(RoomId room, const Marked& marked);
  Result<void> erase(RoomId room, std::vector<Seq> seqs);
  Result<std::size_t> erase_in_row(RoomId room, std::span<const Seq> seqs);
  Result<void> overwrite(std::int64_t row, std::size_t offset, std::string_view bytes);
  Result<void> retain_no_more(RoomId room, Seq seq);
  Result<void> find_next_due();

  Database& database_;
  std::optional<WallTime> next_due_, kept_next_due_;  // in the transaction, and before it
  std::vector<ErasedMessage> erased_;
  std::size_t bytes_read_ = 0;  // of rows, by expire()
  Statement add_amendment_{database_,
                           "INSERT OR IGNORE INTO amendments(room, target, seq, what) VALUES(?1, ?2, ?3, ?4)"};
  Statement edits_{database_,
                   "SELECT seq FROM amendments WHERE room = ?1 AND target = ?2 AND what = 1 ORDER BY seq DESC"};
  Statement seq_of_key_{database_, "SELECT seq FROM keys WHERE room = ?1 AND key = ?2"};
  Statement set_key_{database_, "INSERT OR REPLACE INTO keys(room, key, seq) VALUES(?1, ?2, ?3)"};
  Statement add_expiring_{database_, "INSERT OR IGNORE INTO expiring(due, room, seq) VALUES(?1, ?2, ?3)"};
  Statement forget_amendment_{database_, "DELETE FROM amendments WHERE room = ?1 AND seq = ?2 AND what NOT IN (3, 19)"};
  Statement undo_pin_{database_, "UPDATE amendments SET what = 19 WHERE room = ?1 AND seq = ?2 AND what = 3"};
  Statement expire_edits_{database_,
                          "INSERT OR IGNORE INTO expiring(due, room, seq) SELECT ?3, room, seq FROM amendments "
                          "WHERE room = ?1 AND target = ?2 AND what = 1 AND seq <= ?4"};
  Statement first_due_{database_, "SELECT min(due) FROM expiring"};
  Statement due_{database_, "SELECT due, room, seq FROM expiring WHERE due <= ?1 ORDER BY due LIMIT ?2"};
  Statement forget_due_{database_, "DELETE FROM expiring WHERE due = ?1 AND room = ?2 AND seq = ?3"};
  Statement row_{
      database_,
      "SELECT id, first, last, frames FROM batches WHERE room = ?1 AND first <= ?2 ORDER BY first DESC LIMIT 1"};
  Statement retained_{database_, "SELECT retained FROM rooms WHERE id = ?1"};
  Statement retain_nothing_{database_, "UPDATE rooms SET retained = NULL WHERE id = ?1"};
  Statement forget_amendments_{database_, "DELETE FROM amendments WHERE room = ?1 AND target <= ?2"};
  Statement forget_keys_{database_, "DELETE FROM keys WHERE room = ?1 AND seq <= ?2"};
  Statement forget_dues_{database_, "DELETE FROM expiring WHERE room = ?1 AND seq <= ?2"};
};

}  // namespace hubbub::server::sqlite
