#include "server/log/sqlite/reader.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>
#include <functional>

#include "proto/erase.hpp"
#include "server/log/sqlite/mark_table.hpp"
#include "server/log/sqlite/owner_columns.hpp"
#include "server/log/sqlite/schema.hpp"
#include "server/log/sqlite/stored_frames.hpp"

namespace hubbub::server::sqlite {

namespace {

/// A read-only connection's own memory is small: what it reads is in the system's cache, and each commit makes its own
/// worthless.
constexpr auto connection_settings = "PRAGMA cache_size = -4096; PRAGMA cell_size_check = ON;";

/// SQLite's numbers are signed.
constexpr std::uint64_t number_max = INT64_MAX;

void keep_newest(std::vector<Seq>& seqs) {
  if (seqs.size() <= amendments_max) return;
  std::ranges::nth_element(seqs, seqs.begin() + amendments_max, std::greater());
  seqs.resize(amendments_max);
}

}  // namespace

Result<std::unique_ptr<Reader>> Reader::open(const std::string& path, const std::string& vfs) {
  auto database = Database::open(path, Database::Access::read, vfs);
  if (!database) return tl::unexpected(database.error());
  auto ready = check_schema(**database);
  if (ready) ready = (*database)->run(connection_settings);
  if (!ready) return tl::unexpected(ready.error());
  return std::unique_ptr<Reader>(new Reader(std::move(*database)));
}

Result<LogRead> Reader::read(RoomId room, Seq from, Seq until, std::size_t bytes_max) {
  const ReadTransaction snapshot(*database_);
  if (!snapshot.begun()) return tl::unexpected(snapshot.begun().error());
  const auto kept = first_kept(room);
  if (!kept) return tl::unexpected(kept.error());
  LogRead found{*kept, {}};
  from = std::max(from, *kept);
  until.value = std::min(until.value, number_max);
  if (from > until) return found;
  if (auto collected = collect(room, from, until, bytes_max); !collected) return tl::unexpected(collected.error());
  if (frames_.empty()) return found;
  const auto bytes = static_cast<std::uint32_t>(frames_.size());
  const auto chunk = ChunkRef::make(bytes);
  std::memcpy(chunk->data(), frames_.data(), bytes);
  found.slices.push_back(Slice{chunk, 0, bytes, room, first_, last_});
  return found;
}

Result<Seq> Reader::find_time(RoomId room, WallTime time) {
  time.ns = std::min(time.ns, number_max);
  const ReadTransaction snapshot(*database_);
  if (!snapshot.begun()) return tl::unexpected(snapshot.begun().error());
  const auto low = first_kept(room);
  if (!low) return low;
  const auto end = end_of(room);
  if (!end) return end;
  if (*end <= *low) return low;
  const auto batch = batch_of_time(room, time, *low, *end);
  if (!batch || *batch == *end) return batch;
  return first_of_time(room, *batch, time);
}

Result<std::optional<KeptAnswer>> Reader::find_answer(const ClientId& client, CallId call) {
  auto rows = answer_.query(client, call);
  if (rows.next()) return KeptAnswer{rows.number(0), static_cast<Status>(rows.integer(1)), rows.text(2)};
  if (!rows.result()) return tl::unexpected(rows.result().error());
  return std::optional<KeptAnswer>();
}

Result<Seq> Reader::first_kept(RoomId room) {
  auto rows = trimmed_.query(room);
  if (rows.next()) return rows.seq(0).next();
  return rows.result() ? Result<Seq>(Seq{1}) : tl::unexpected(rows.result().error());
}

/// Fills frames_ with messages `from` to `until`, about bytes_max of them.
Result<void> Reader::collect(RoomId room, Seq from, Seq until, std::size_t bytes_max) {
  frames_.clear();
  first_ = from;
  auto wanted = from;
  auto rows = range_.query(room, from, until);
  while (wanted <= until && (frames_.empty() || frames_.size() < bytes_max) && rows.next()) {
    const auto first = rows.seq(0);
    const auto last = rows.seq(1);
    if (first > wanted) return damaged(room, wanted);
    if (last < from) continue;  // the newest batch, or else a hole follows
    const bool whole = walk(rows.bytes(2), room, first, last, [&](const StoredFrame& stored) {
      if (stored.seq != wanted || stored.seq > until || (!frames_.empty() && frames_.size() >= bytes_max)) return;
      frames_ += stored.frame;
      wanted = wanted.next();
    });
    if (!whole) return damaged(room, first);
  }
  last_ = wanted.previous();
  return rows.result();
}

Result<std::vector<Seq>> Reader::pinned(RoomId room) {
  std::vector<Seq> found;
  auto rows = pins_.query(room);
  while (rows.next())
    if (rows.integer(2) < what_undone) found.push_back(rows.seq(0));
  if (!rows.result()) return tl::unexpected(rows.result().error());
  return found;
}

Result<std::vector<std::string>> Reader::amendments(RoomId room, const AmendmentsWish& wish) {
  const ReadTransaction snapshot(*database_);
  if (!snapshot.begun()) return tl::unexpected(snapshot.begun().error());
  std::vector<Seq> seqs;
  for (const auto& [first, last] : wish.targets) {
    auto rows = about_.query(room, first, last, wish.behind);
    while (rows.next()) {
      seqs.push_back(rows.seq(0));
      if (seqs.size() >= 2 * amendments_max) keep_newest(seqs);
    }
    if (!rows.result()) return tl::unexpected(rows.result().error());
  }
  keep_newest(seqs);
  std::ranges::sort(seqs, std::greater());
  row_.clear();
  row_first_ = Seq{1}, row_last_ = Seq{};
  std::vector<std::string> found;
  std::size_t bytes = 0;
  for (const auto seq : seqs) {
    auto payload = payload_of(room, seq);
    if (!payload) return tl::unexpected(payload.error());
    if (payload->empty() || bytes + payload->size() > wish.bytes_max) continue;
    bytes += payload->size();
    found.push_back(*std::move(payload));
  }
  std::ranges::reverse(found);
  return found;
}

Result<std::string> Reader::payload_of(RoomId room, Seq seq) {
  if (seq < row_first_ || seq > row_last_) {
    auto rows = row_of_.query(room, seq);
    if (!rows.next()) return rows.result() ? Result<std::string>("") : tl::unexpected(rows.result().error());
    row_first_ = rows.seq(0), row_last_ = rows.seq(1);
    row_ = rows.text(2);
  }
  std::string found;
  const bool whole = walk(row_, room, row_first_, row_last_, [&](const StoredFrame& stored) {
    if (stored.seq == seq && !proto::is_erased(stored.payload)) found = stored.payload;
  });
  return whole ? Result<std::string>(std::move(found)) : damaged(room, row_first_);
}

Result<Seq> Reader::end_of(RoomId room) {
  auto rows = newest_.query(room);
  if (rows.next()) return rows.seq(0).next();
  return rows.result() ? Result<Seq>(Seq{}) : tl::unexpected(rows.result().error());
}

/// The first message of the first batch that ends at that time or later; `end` if there is none. Times of a room never
/// go back, so this is a binary search.
Result<Seq> Reader::batch_of_time(RoomId room, WallTime time, Seq low, Seq end) {
  while (low < end) {
    const Seq middle{low.value + (end.value - low.value) / 2};
    auto rows = holding_.query(room, middle);
    if (!rows.next()) return rows.result() ? damaged(room, middle) : tl::unexpected(rows.result().error());
    if (rows.seq(1) < middle) return damaged(room, middle);
    if (rows.time(2) < time)
      low = rows.seq(1).next();
    else
      end = rows.seq(0);
  }
  return low;
}

Result<Seq> Reader::first_of_time(RoomId room, Seq batch, WallTime time) {
  auto rows = batch_.query(room, batch);
  if (!rows.next()) return rows.result() ? damaged(room, batch) : tl::unexpected(rows.result().error());
  auto found = rows.seq(0);  // its last one, at the latest
  const bool whole = walk(rows.bytes(1), room, batch, rows.seq(0), [&](const StoredFrame& stored) {
    if (stored.time >= time) found = std::min(found, stored.seq);
  });
  return whole ? Result<Seq>(found) : damaged(room, batch);
}

Rows Reader::begin_later(const LaterWish& wish, std::int64_t body_bytes_max) {
  if (wish.only != LaterId{}) return one_later_.query(wish.only.value, body_bytes_max);
  const auto limit = static_cast<std::int64_t>(wish.messages_max) + 1;  // and when the one behind them is due
  const auto& after = wish.after;
  if (!wish.owner) return later_.query(after.at, after.id.value, limit, body_bytes_max);
  return with_owner(*wish.owner, [&](const auto& owner, const auto& uid) {  // which live as long as the wish
    return later_of_.query(after.at, after.id.value, limit, body_bytes_max, owner, uid);
  });
}

Result<LaterFound> Reader::later(const LaterWish& wish) {
  const auto body_bytes_max = std::min<std::size_t>(wish.body_bytes_max, limits::frame_bytes_max);
  LaterFound found;
  std::size_t bytes = 0;
  auto rows = begin_later(wish, static_cast<std::int64_t>(body_bytes_max));
  while (rows.next()) {
    const auto at = rows.time(1);
    const auto more = static_cast<std::size_t>(rows.integer(12));
    const auto count = found.messages.size();
    if (count == wish.messages_max || (count > 0 && bytes + more > wish.bytes_max) ||
        (wish.until && at > *wish.until)) {
      found.next = at;
      break;
    }
    bytes += more;
    found.messages.push_back({LaterId{rows.number(0)}, at, rows.text(2), owner_in(rows, 3, 4), rows.text(5),
                              rows.integer(6) != 0, static_cast<std::uint8_t>(rows.integer(7)),
                              static_cast<std::uint8_t>(rows.integer(8)), rows.text(9), rows.text(11),
                              static_cast<std::size_t>(rows.integer(10))});
  }
  if (!rows.result()) return tl::unexpected(rows.result().error());
  return found;
}

tl::unexpected<Error> Reader::damaged(RoomId room, Seq seq) const {
  return fail(Status::data_loss,
              fmt::format("{} is damaged: message {} of room number {} is not what was written; see hubbubd check",
                          database_->path(), seq.value, room.value));
}

}  // namespace hubbub::server::sqlite
