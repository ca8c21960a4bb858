// What the database of a hub looks like, and how an older one becomes it.
//   a new file, or one of an earlier version --prepare_schema--> today's tables
//   a later version, another program's file --> refused, and left as it is
//
// Tables. Times are nanoseconds since the epoch; a seq, an id or a hash is the 64 bits of it.
//   meta           what is true of the whole: `store` (StoreId), `created`, `next_batch` (no batch had that id or a
//                  higher one, not one that a loss of power took either)
//   rooms          one row each. trimmed: the newest seq that retention gave up, and its time, so that neither goes
//   back
//                  in a room that is empty. folded: table producers holds what was published up to that seq
//   batches        the messages: a row holds the very frames that subscribers get, who published them (runs), and
//                  `total`, the bytes of the room's frames up to and with this row. Rows are in the order of commits,
//                  which SQLite appends cheaply. An id is never used again: the search index refers to it
//   producers      a checkpoint of what the runs say: (room, client) → last id and the window (`recent`). The state of
//   a
//                  producer is its row, and the runs of the room's batches behind rooms.folded. touched: the seq of its
//                  newest message, which is the order in which producers are forgotten
//   people, members, cursors, registrations   as in records.hpp
//   replies        the newest replies of calls with an effect, in the order of commits
//   exact_calls    calls of services that take effect exactly once, in the order in which they were given: open while
//                  `status` is null, then without their arguments, for ever
//
// Format 1 of frames: Delivery frames of protocol version 1.
#pragma once

#include "server/log/sqlite/database.hpp"

namespace hubbub::server::sqlite {

/// "hubb": says that the file is ours.
inline constexpr std::int64_t application_id = 0x68756262;
inline constexpr std::int64_t schema_version = 2;
inline constexpr std::int64_t frames_format = 1;
inline constexpr std::int64_t page_bytes = 4096;

/// What a new database is told about itself.
struct Birth {
  StoreId store;
  WallTime created;
};

/// Makes the tables in a new file, brings an older one up to date, a version after the other, each in a transaction.
Result<void> prepare_schema(Database& database, const Birth& birth);

/// That it is a hub's database of today's version. Changes nothing.
Result<void> check_schema(Database& database);

}  // namespace hubbub::server::sqlite
