// One part of the index being written: what is read from hub.db for it, and how it lies in search.db.
//   hub.db: batches --read_batches--> IndexedBatch --write_batches--> part_N, its stretches, its row in parts
// People's words only: text, action and notice. Data is for programs and isn't searched.
#pragma once

#include <functional>
#include <span>

#include "server/log/sqlite/search_file.hpp"

namespace hubbub::server::sqlite {

struct SearchIndexBounds {
  /// Of a part; and so of what a word that only begins so costs, for which FTS5 makes a list in memory.
  std::int64_t part_messages = 1 << 19;
  std::int64_t step_messages = 16'384;       ///< in one transaction, or one batch more
  std::size_t step_bytes = 8 * 1024 * 1024;  ///< of frames read for it, or one batch more
  std::int64_t stretch_messages = 4096;
};

/// A row of hub.db's batches.
struct IndexedBatch {
  std::int64_t id = 0;
  RoomId room;
  Seq first, last;
  WallTime first_time, last_time;
  std::string frames;
  [[nodiscard]] std::int64_t messages() const { return static_cast<std::int64_t>(last.value - first.value) + 1; }
};

/// Those behind `after`, up to and with `until`, as many as the bounds allow for a step. Copies them: whoever writes
/// them, slowly perhaps, must not hold a snapshot of hub.db, which would keep its WAL from starting over. Where hub.db
/// can't be read it fails with unavailable, whatever the reason, so that search.db isn't blamed for it.
Result<std::vector<IndexedBatch>> read_batches(Database& hub, std::int64_t after, std::int64_t until,
                                               const SearchIndexBounds& bounds);

/// Batches `first` to `last`, whose times are within these.
struct Stretch {
  std::int64_t first = 0, last = 0, messages = 0;
  WallTime first_time, last_time;
};

struct PartWriting {
  Part part;  ///< id zero: none yet
  Stretch stretch;
};

/// Runs `change` in a transaction of that file: all of it or nothing.
Result<void> transact(Database& file, const std::function<Result<void>()>& change);

/// A new part for batches from `first` on, in the transaction of the caller.
Result<PartWriting> begin_part(Database& file, std::int64_t first, PartState state);

/// Adds batches, which come after those that it has, in the transaction of the caller.
Result<void> write_batches(Database& file, PartWriting& writing, std::span<const IndexedBatch> batches,
                           const SearchIndexBounds& bounds);

/// An error of hub.db, for which nobody shall blame search.db.
Error not_ours(const Error& error);

}  // namespace hubbub::server::sqlite
