// A read-only connection for those who want messages: pages of history, readers that are behind, "since two hours ago";
// and answers that are kept for ever.
//   room, from, until --read--> one slice of whole frames, in one chunk
//   LaterWish --later--> what is to be posted later
// What it reads is one snapshot. Every question costs a few seeks in an index, however long the room is. Used by one
// thread at a time.
#pragma once

#include <array>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "server/log/records.hpp"
#include "server/log/room_log.hpp"
#include "server/log/sqlite/database.hpp"
#include "server/log/store.hpp"

namespace hubbub::server::sqlite {

class Reader {
 public:
  /// REQUIRES: the database was made (see Writer::open).
  static Result<std::unique_ptr<Reader>> open(const std::string& path, const std::string& vfs = {});

  /// As RoomLog::read. A room that isn't known is an empty one.
  Result<LogRead> read(RoomId room, Seq from, Seq until, std::size_t bytes_max);
  /// The first message of that time or later; the one after the newest if there is none.
  Result<Seq> find_time(RoomId room, WallTime time);
  /// Of an exactly-once call. Nothing where it isn't answered.
  Result<std::optional<KeptAnswer>> find_answer(const ClientId& client, CallId call);

  /// As RoomLog::amendments and RoomLog::pinned.
  Result<std::vector<std::string>> amendments(RoomId room, const AmendmentsWish& wish);
  Result<std::vector<Seq>> pinned(RoomId room);

  Result<LaterFound> later(const LaterWish& wish);

  /// All that it ever asks.
  static constexpr std::array questions = {
      "SELECT trimmed FROM rooms WHERE id = ?1",
      "SELECT last FROM batches WHERE room = ?1 ORDER BY first DESC LIMIT 1",
      "SELECT first, last, last_time FROM batches WHERE room = ?1 AND first <= ?2 ORDER BY first DESC LIMIT 1",
      "SELECT last, frames FROM batches WHERE room = ?1 AND first = ?2",
      "SELECT first, last, frames FROM batches INDEXED BY batches_by_room WHERE room = ?1 "
      "AND first >= ifnull((SELECT max(first) FROM batches WHERE room = ?1 AND first <= ?2), ?2) "
      "AND first <= ?3 ORDER BY first",
      "SELECT question, status, result FROM exact_calls WHERE client = ?1 AND call = ?2 AND status IS NOT NULL",
      "SELECT seq FROM amendments WHERE room = ?1 AND target BETWEEN ?2 AND ?3 AND +seq > ?4",
      "SELECT target, max(seq), what FROM amendments INDEXED BY pins WHERE room = ?1 AND what IN (3, 19) GROUP BY "
      "target",
      "SELECT first, last, frames FROM batches WHERE room = ?1 AND first <= ?2 ORDER BY first DESC LIMIT 1",
      "SELECT id, at, room, owner, uid, person, verified, kind, flags, headers, length(body), substr(body, 1, ?4), "
      "length(headers) + min(length(body), ?4) FROM later WHERE (at, id) > (?1, ?2) ORDER BY at, id LIMIT ?3",
      "SELECT id, at, room, owner, uid, person, verified, kind, flags, headers, length(body), substr(body, 1, ?4), "
      "length(headers) + min(length(body), ?4) FROM later WHERE owner IS ?5 AND uid IS ?6 AND (at, id) > (?1, ?2) "
      "ORDER BY at, id LIMIT ?3",
      "SELECT id, at, room, owner, uid, person, verified, kind, flags, headers, length(body), substr(body, 1, ?2), "
      "length(headers) + min(length(body), ?2) FROM later WHERE id = ?1",
  };

 private:
  explicit Reader(std::unique_ptr<Database> database) : database_(std::move(database)) {}
  Result<Seq> first_kept(RoomId room);
  Result<void> collect(RoomId room, Seq from, Seq until, std::size_t bytes_max);
  Result<Seq> end_of(RoomId room);
  Result<Seq> batch_of_time(RoomId room, WallTime time, Seq low, Seq end);
  Result<Seq> first_of_time(RoomId room, Seq batch, WallTime time);
  /// The payload of a message; empty if it is erased or isn't there. Within one snapshot.
  Result<std::string> payload_of(RoomId room, Seq seq);
  Rows begin_later(const LaterWish& wish, std::int64_t body_bytes_max);
  [[nodiscard]] tl::unexpected<Error> damaged(RoomId room, Seq seq) const;

  std::unique_ptr<Database> database_;
  std::string frames_;  // what collect() found, and its first and last message
  Seq first_, last_;
  std::string row_;  // what payload_of() looked into last, and its first and last message
  Seq row_first_{1}, row_last_;
  Statement trimmed_{*database_, questions[0]};
  Statement newest_{*database_, questions[1]};
  Statement holding_{*database_, questions[2]};
  Statement batch_{*database_, questions[3]};
  Statement range_{*database_, questions[4]};
  Statement answer_{*database_, questions[5]};
  Statement about_{*database_, questions[6]};
  Statement pins_{*database_, questions[7]};
  Statement row_of_{*database_, questions[8]};
  Statement later_{*database_, questions[9]};
  Statement later_of_{*database_, questions[10]};
  Statement one_later_{*database_, questions[11]};
};

}  // namespace hubbub::server::sqlite
