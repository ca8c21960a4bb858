#include "server/log/sqlite/search_part.hpp"

#include <algorithm>

#include "proto/hot.hpp"
#include "server/log/sqlite/search_query.hpp"
#include "server/log/sqlite/stored_frames.hpp"

namespace hubbub::server::sqlite {

namespace {

bool is_searched(proto::Kind kind) {
  return kind == proto::Kind::text || kind == proto::Kind::action || kind == proto::Kind::notice;
}

/// Those of a row that a disk has changed as far as they are what they were.
Result<void> write_messages(Statement& insert, const IndexedBatch& batch) {
  Result<void> done;
  walk(batch.frames, batch.room, batch.first, batch.last, [&](const StoredFrame& stored) {
    const auto message = proto::DeliveryView::parse(stored.payload);
    const auto place = static_cast<std::int64_t>(stored.seq.value - batch.first.value);
    if (!done || place >= places_max || !message || !is_searched(message->place.kind)) return;
    const auto where = search_place(batch.room, message->place.from);
    done = insert.run(docid_of(batch.id, place), message->body, std::string_view(where));
  });
  return done;
}

Result<void> save(Database& file, const PartWriting& writing) {
  const auto& [part, stretch] = writing;
  Statement update(file, "UPDATE parts SET last = ?2, messages = ?3 WHERE id = ?1");
  if (auto updated = update.run(part.id, part.last, part.messages); !updated || stretch.messages == 0) return updated;
  Statement replace(file,
                    "INSERT OR REPLACE INTO stretches(part, first, last, first_time, last_time) "
                    "VALUES(?1, ?2, ?3, ?4, ?5)");
  return replace.run(part.id, stretch.first, stretch.last, stretch.first_time, stretch.last_time);
}

void extend(Stretch& stretch, const IndexedBatch& batch) {
  if (stretch.messages == 0) stretch = {batch.id, batch.id, 0, batch.first_time, batch.last_time};
  stretch.last = batch.id;
  stretch.messages += batch.messages();
  stretch.first_time = std::min(stretch.first_time, batch.first_time);
  stretch.last_time = std::max(stretch.last_time, batch.last_time);
}

}  // namespace

Error not_ours(const Error& error) { return {Status::unavailable, error.sentence}; }

Result<std::vector<IndexedBatch>> read_batches(Database& hub, std::int64_t after, std::int64_t until,
                                               const SearchIndexBounds& bounds) {
  Statement select(hub,
                   "SELECT id, room, first, last, first_time, last_time, frames FROM batches "
                   "WHERE id > ?1 AND id <= ?2 ORDER BY id");
  auto rows = select.query(after, until);
  std::vector<IndexedBatch> batches;
  std::int64_t messages = 0;
  std::size_t bytes = 0;
  while (messages < bounds.step_messages && bytes < bounds.step_bytes && rows.next()) {
    batches.push_back(
        {rows.integer(0), rows.room(1), rows.seq(2), rows.seq(3), rows.time(4), rows.time(5), rows.text(6)});
    messages += batches.back().messages();
    bytes += batches.back().frames.size();
  }
  if (!rows.result()) return tl::unexpected(not_ours(rows.result().error()));
  return batches;
}

Result<void> transact(Database& file, const std::function<Result<void>()>& change) {
  auto done = file.run("BEGIN IMMEDIATE");
  if (done) done = change();
  if (done) done = file.run("COMMIT");
  if (!done && file.in_transaction()) (void)file.run("ROLLBACK");
  return done;
}

Result<PartWriting> begin_part(Database& file, std::int64_t first, PartState state) {
  PartWriting writing;
  writing.part = {0, first, first - 1, 0, state};
  Statement next(file, "SELECT coalesce(max(id), 0) + 1 FROM parts");
  {
    auto rows = next.query();
    if (!rows.next()) return tl::unexpected(rows.result().error());
    writing.part.id = rows.integer(0);
  }
  if (auto made = make_part(file, writing.part); !made) return tl::unexpected(made.error());
  return writing;
}

Result<void> write_batches(Database& file, PartWriting& writing, std::span<const IndexedBatch> batches,
                           const SearchIndexBounds& bounds) {
  Statement insert(file, "INSERT INTO " + part_table(writing.part.id) + "(rowid, body, place) VALUES(?1, ?2, ?3)");
  for (const auto& batch : batches) {
    if (writing.stretch.messages >= bounds.stretch_messages) {
      if (auto saved = save(file, writing); !saved) return saved;
      writing.stretch = {};
    }
    if (auto written = write_messages(insert, batch); !written) return written;
    extend(writing.stretch, batch);
    writing.part.last = batch.id;
    writing.part.messages += batch.messages();
  }
  return save(file, writing);
}

}  // namespace hubbub::server::sqlite
