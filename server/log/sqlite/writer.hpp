// The one connection that writes to a hub's database, and the only one that checkpoints it: SQLite before 3.51.3 can
// corrupt a write-ahead log that has two.
//   Records --commit--> one transaction --> the write-ahead log --checkpoint--> the file
//   policies, now --tend--> folded producers, trimmed rooms
// Neither threads nor a clock: whoever owns it says when, and what time it is. Used by one thread at a time.
#pragma once

#include <memory>
#include <span>
#include <string>
#include <vector>

#include "server/log/records.hpp"
#include "server/log/room_policy.hpp"
#include "server/log/sqlite/batch_writer.hpp"
#include "server/log/sqlite/change_writer.hpp"
#include "server/log/sqlite/database.hpp"
#include "server/log/sqlite/mark_table.hpp"
#include "server/log/sqlite/room_state.hpp"
#include "server/log/sqlite/schema.hpp"
#include "server/log/sqlite/trimmer.hpp"

namespace hubbub::server::sqlite {

/// Replies that are kept: as many as the hub's cache holds by default.
inline constexpr std::size_t replies_max_standard = 16384;

class Writer {
 public:
  struct Settings {
    std::string path;
    std::string vfs;  ///< SQLite's name of the disk; empty: the system's
    Birth birth;      ///< for a database that is made now
    std::size_t replies_max = replies_max_standard;
  };
  /// Makes the database, or brings it up to date.
  static Result<std::unique_ptr<Writer>> open(const Settings& settings);

  /// All of them in one transaction, or none. Returns once they would survive the end of this process; and, if one of
  /// them asks for it, a loss of power. After a failure the same records may be given again.
  Result<void> commit(std::span<const Record> records);

  /// How long the room's messages are kept, from now on.
  void keep(RoomId room, const RoomPolicy& policy) { trimmer_.keep(room, policy); }
  /// True if there is a room whose messages aren't kept for ever, or a message that expires: then tend() may find work
  /// whenever time has passed.
  [[nodiscard]] bool has_bounds() const { return trimmer_.has_bounds() || marks_.next_due(); }
  /// What was erased since the last call, and is committed.
  std::vector<ErasedMessage> take_erased() { return marks_.take_erased(); }

  /// One small step of what keeps the database from growing for ever, in a transaction of its own, if there is
  /// something to do.
  struct Tended {
    bool worked = false;  ///< then there may be more
    RoomId trimmed;       ///< this room has given up its oldest messages, or zero
    Seq first_kept;       ///< and has these from here on
  };
  Result<Tended> tend(WallTime now);
  /// True if a quarter of what a step deletes was written since the last one. Who then calls tend(), however many
  /// commits wait, holds rooms to their bounds: it deletes at least as fast as they can grow.
  [[nodiscard]] bool owes_a_step() const { return batches_.next_id() - tended_at_ >= rows_a_step; }

  /// Copies the write-ahead log into the database, if it has grown enough to be worth it: sooner where nobody waits.
  Result<void> shorten_log(bool idle);
  /// Copies all of it, at the end, so that the database is one file again. REQUIRES: nobody reads.
  Result<void> empty_log();

 private:
  static constexpr std::int64_t rows_a_step = Trimmer::step_rows_max / 4;  ///< that are written

  Writer(std::unique_ptr<Database> database, RoomStates rooms, std::int64_t next_batch, std::int64_t next_reply,
         std::size_t replies_max);

  template <class Do>
  Result<void> transaction(Do&& what);
  Result<void> checkpoint(int mode);
  void doubt();
  Result<void> be_sure();
  Result<void> reserve(std::int64_t batches);
  static int on_committed(void* self, sqlite3* handle, const char* name, int log_pages);
  Result<void> write(std::span<const Record> records);
  Result<void> write(const Batch& batch);
  Result<void> write(const Changes& changes);
  Result<void> write_marks(std::span<const Record> records);
  Result<Tended> expire(WallTime now);
  Result<void> keep_reply(const KeptReply& reply);
  Result<void> synchronize(bool fsync);
  void lengthen_log();
  void keep();
  void drop();

  std::unique_ptr<Database> database_;
  RoomStates rooms_;
  std::vector<RoomId> made_;  // in the transaction that is under way
  BatchWriter batches_;
  ChangeWriter changes_{*database_};
  MarkTable marks_{*database_};
  Trimmer trimmer_{*database_, rooms_, marks_};
  std::int64_t tended_at_;     // the batch up to which steps have kept pace with what is written
  bool folds_next_ = false;    // the last step of these has trimmed
  bool expires_next_ = true;   // trimming and folding have had their turn
  std::int64_t reserved_ = 0;  // ids of batches that may be given out are below it
  std::int64_t next_reply_;
  std::int64_t kept_next_reply_;
  const std::size_t replies_max_;
  bool fsync_ = false;             // what the connection is set to
  bool unsure_ = false;            // the disk has failed: see be_sure()
  std::int64_t log_pages_ = 0;     // in the write-ahead log
  std::int64_t copied_pages_ = 0;  // of these, in the database too
  std::int64_t log_bytes_ = 0;     // the log's file is that long, as far as this knows
  std::int64_t restart_pages_;     // the log's size from which on it is worth waiting for readers, to begin it anew

  Statement begin_{*database_, "BEGIN IMMEDIATE"};
  Statement commit_{*database_, "COMMIT"};
  Statement rollback_{*database_, "ROLLBACK"};
  Statement set_next_batch_{*database_, "UPDATE meta SET value = ?1 WHERE key = 'next_batch'"};
};

}  // namespace hubbub::server::sqlite
