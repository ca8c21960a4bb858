#include "server/log/sqlite/mark_table.hpp"

#include <algorithm>
#include <memory>
#include <string>

#include "common/log.hpp"
#include "proto/erase.hpp"
#include "server/log/sqlite/stored_frames.hpp"

namespace hubbub::server::sqlite {

namespace {

/// What expires in one transaction, and the rows that are read for it: no commit waits long for it.
constexpr std::int64_t step_max = 256;
constexpr std::size_t step_bytes_max = 4 * 1024 * 1024;

/// Edits that are erased in the transaction of a redaction. The others expire.
constexpr std::size_t edits_at_once_max = 64;
/// Of what expires as soon as it can.
constexpr WallTime at_once{1};

}  // namespace

Result<void> MarkTable::load() {
  auto found = find_next_due();
  keep();
  return found;
}

Result<void> MarkTable::find_next_due() {
  next_due_.reset();
  auto rows = first_due_.query();
  if (rows.next() && !rows.is_null(0)) next_due_ = rows.time(0);
  return rows.result();
}

Result<void> MarkTable::note(RoomId room, const Marked& marked) {
  if (marked.due != WallTime{}) {
    if (auto added = add_expiring_.run(marked.due, room, marked.seq); !added) return added;
    next_due_ = std::min(marked.due, next_due_.value_or(marked.due));
  }
  if (!marked.key.empty())
    if (auto replaced = replace(room, marked); !replaced) return replaced;
  return marked.amends == proto::Amends::nothing ? Result<void>{} : amend(room, marked);
}

Result<void> MarkTable::replace(RoomId room, const Marked& marked) {
  Seq before;
  {
    auto rows = seq_of_key_.query(room, marked.key);
    if (rows.next()) before = rows.seq(0);
    if (!rows.result()) return rows.result();
  }
  if (before != Seq{})
    if (auto erased = erase(room, {before}); !erased) return erased;
  return set_key_.run(room, marked.key, marked.seq);
}

Result<void> MarkTable::amend(RoomId room, const Marked& marked) {
  const auto what = static_cast<std::int64_t>(marked.amends) + (marked.undo ? what_undone : 0);
  if (auto added = add_amendment_.run(room, marked.target, marked.seq, what); !added) return added;
  if (marked.amends != proto::Amends::redaction) return {};
  std::vector<Seq> gone = {marked.target};
  {
    auto rows = edits_.query(room, marked.target);
    while (gone.size() <= edits_at_once_max && rows.next()) gone.push_back(rows.seq(0));
    if (!rows.result()) return rows.result();
  }
  if (gone.size() > edits_at_once_max) {
    if (auto added = expire_edits_.run(room, marked.target, at_once, gone.back()); !added) return added;
    next_due_ = at_once;
  }
  return erase(room, std::move(gone));
}

Result<void> MarkTable::erase(RoomId room, std::vector<Seq> seqs) {
  std::ranges::sort(seqs);
  for (std::span<const Seq> left(seqs); !left.empty();) {
    const auto erased = erase_in_row(room, left);
    if (!erased) return tl::unexpected(erased.error());
    left = left.subspan(*erased);
  }
  return {};
}

/// Those that are in the row of the first of them, which is read once for all. Returns how many these are; one, if
/// retention has taken the row already. REQUIRES: in order.
Result<std::size_t> MarkTable::erase_in_row(RoomId room, std::span<const Seq> seqs) {
  struct Place {
    Seq seq;
    std::size_t offset;
    std::string frame;
  };
  std::vector<Place> places;
  std::int64_t row = 0;
  {
    auto rows = row_.query(room, seqs.front());
    if (!rows.next()) return rows.result() ? Result<std::size_t>(1) : tl::unexpected(rows.result().error());
    const auto last = rows.seq(2);
    if (last < seqs.front()) return 1;
    seqs = {seqs.begin(), std::ranges::upper_bound(seqs, last)};
    row = rows.integer(0);
    const auto frames = rows.bytes(3);
    bytes_read_ += frames.size();
    const bool whole = walk(frames, room, rows.seq(1), last, [&](const StoredFrame& stored) {
      if (std::ranges::binary_search(seqs, stored.seq) && proto::DeliveryView::parse(stored.payload))
        places.push_back(
            {stored.seq, static_cast<std::size_t>(stored.frame.data() - frames.data()), std::string(stored.frame)});
    });
    if (!whole || places.empty()) {
      log::error("a message can't be erased: its row in the database is damaged",
                 {{"room", room.value}, {"seq", seqs.front().value}});
      return seqs.size();  // nobody can read it either, and what is committed with this must not wait for ever
    }
  }
  for (auto& [seq, offset, frame] : places) {
    proto::erase_delivery(frame.data(), frame.size());
    auto done = overwrite(row, offset, frame);
    if (done) done = retain_no_more(room, seq);
    if (done) done = forget_amendment_.run(room, seq);  // nor does it mean anything any more
    if (done) done = undo_pin_.run(room, seq);
    if (!done) return tl::unexpected(done.error());
    erased_.push_back({room, seq});
  }
  return seqs.size();
}

Result<void> MarkTable::overwrite(std::int64_t row, std::size_t offset, std::string_view bytes) {
  sqlite3_blob* opened = nullptr;
  const int code = sqlite3_blob_open(database_.handle(), "main", "batches", "frames", row, 1, &opened);
  const std::unique_ptr<sqlite3_blob, int (*)(sqlite3_blob*)> blob(opened, &sqlite3_blob_close);
  if (code != SQLITE_OK || sqlite3_blob_write(blob.get(), bytes.data(), static_cast<int>(bytes.size()),
                                              static_cast<int>(offset)) != SQLITE_OK)
    return tl::unexpected(database_.error());
  return {};
}

Result<void> MarkTable::retain_no_more(RoomId room, Seq seq) {
  {
    auto rows = retained_.query(room);
    if (!rows.next() || rows.is_null(0)) return rows.result();
    const auto frame = rows.bytes(0);
    if (frame.size() < proto::frame_header_bytes ||
        proto::seq_of_delivery(frame.substr(proto::frame_header_bytes)) != seq)
      return {};
  }
  return retain_nothing_.run(room);
}

Result<bool> MarkTable::expire(WallTime now) {
  struct Due {
    WallTime when;
    RoomId room;
    Seq seq;
  };
  std::vector<Due> dues;
  {
    auto rows = due_.query(now, step_max);
    while (rows.next()) dues.push_back({rows.time(0), rows.room(1), rows.seq(2)});
    if (!rows.result()) return tl::unexpected(rows.result().error());
  }
  std::ranges::sort(dues, {}, [](const Due& due) { return std::pair(due.room, due.seq); });
  bytes_read_ = 0;
  for (auto at = dues.begin(); at != dues.end() && bytes_read_ < step_bytes_max;) {
    std::vector<Seq> seqs;  // of that room
    for (auto same = at; same != dues.end() && same->room == at->room; ++same) seqs.push_back(same->seq);
    const auto erased = erase_in_row(at->room, seqs);
    if (!erased) return tl::unexpected(erased.error());
    for (const auto end = at + static_cast<std::ptrdiff_t>(*erased); at != end; ++at)
      if (auto forgotten = forget_due_.run(at->when, at->room, at->seq); !forgotten)
        return tl::unexpected(forgotten.error());
  }
  if (auto found = find_next_due(); !found) return tl::unexpected(found.error());
  return next_due_ && *next_due_ <= now;
}

Result<void> MarkTable::forget(RoomId room, Seq last) {
  if (auto forgotten = forget_amendments_.run(room, last); !forgotten) return forgotten;
  if (auto forgotten = forget_keys_.run(room, last); !forgotten) return forgotten;
  return forget_dues_.run(room, last);
}

}  // namespace hubbub::server::sqlite
