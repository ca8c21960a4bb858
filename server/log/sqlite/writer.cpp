#include "server/log/sqlite/writer.hpp"

#include <algorithm>
#include <cassert>

namespace hubbub::server::sqlite {

namespace {

/// How the connection works. What is deleted is overwritten only where that costs no write of its own (secure_delete),
/// and the write-ahead log is cut to 64 MiB once a backup has let it grow.
constexpr auto connection_settings = R"(
PRAGMA synchronous = NORMAL;
PRAGMA wal_autocheckpoint = 0;
PRAGMA journal_size_limit = 67108864;
PRAGMA cache_size = -16384;
PRAGMA temp_store = MEMORY;
PRAGMA secure_delete = FAST;
PRAGMA cell_size_check = ON;
)";

/// Readers and the writer at the same time: nothing works without it. Some network file systems can't.
Result<void> use_wal(Database& database) {
  Statement statement(database, "PRAGMA journal_mode = WAL");
  auto rows = statement.query();
  if (rows.next() && rows.text(0) == "wal") return {};
  if (!rows.result()) return rows.result();
  return fail(Status::failed_precondition, database.path() +
                                               " lies on a file system without shared memory, which a hub's database "
                                               "needs; name a folder on a local disk");
}

Result<std::int64_t> number(Database& database, const char* sql) {
  Statement statement(database, sql);
  auto rows = statement.query();
  if (rows.next()) return rows.integer(0);
  return rows.result() ? Result<std::int64_t>(0) : tl::unexpected(rows.result().error());
}

bool is_registration(const Change& change) { return std::holds_alternative<ProducerRegistered>(change); }

/// An epoch that was given out must not be given out again after a loss of power: it tells two programs apart.
bool needs_fsync(const Record& record) {
  if (const auto* const batch = std::get_if<Batch>(&record)) return batch->fsync;
  return std::ranges::any_of(std::get<Changes>(record).list, is_registration);
}

}  // namespace

Writer::Writer(std::unique_ptr<Database> database, RoomStates rooms, std::int64_t next_batch, std::int64_t next_reply,
               std::size_t replies_max)
    : database_(std::move(database)),
      rooms_(std::move(rooms)),
      batches_(*database_, rooms_, next_batch),
      next_reply_(next_reply),
      kept_next_reply_(next_reply),
      replies_max_(replies_max) {}

Result<std::unique_ptr<Writer>> Writer::open(const Settings& settings) {
  auto database = Database::open(settings.path, Database::Access::write, settings.vfs);
  if (!database) return tl::unexpected(database.error());
  auto ready = prepare_schema(**database, settings.birth);
  if (ready) ready = use_wal(**database);
  if (ready) ready = (*database)->run(connection_settings);
  if (!ready) return tl::unexpected(ready.error());
  auto rooms = read_room_states(**database);
  if (!rooms) return tl::unexpected(rooms.error());
  const auto next_batch = number(**database,
                                 "SELECT max((SELECT value FROM meta WHERE key = 'next_batch'), "
                                 "(SELECT coalesce(max(id), 0) + 1 FROM batches))");
  if (!next_batch) return tl::unexpected(next_batch.error());
  const auto next_reply = number(**database, "SELECT coalesce(max(id), 0) + 1 FROM replies");
  if (!next_reply) return tl::unexpected(next_reply.error());
  return std::unique_ptr<Writer>(
      new Writer(std::move(*database), std::move(*rooms), *next_batch, *next_reply, settings.replies_max));
}

Result<void> Writer::commit(std::span<const Record> records) {
  if (records.empty()) return {};
  auto done = synchronize(std::ranges::any_of(records, needs_fsync));
  if (done) done = transaction([&] { return write(records); });
  if (done)
    keep();
  else
    drop();
  return done;
}

template <class Do>
Result<void> Writer::transaction(Do&& what) {
  auto done = begin_.run();
  if (done) done = what();
  if (done) done = commit_.run();
  assert(done || (sqlite3_errcode(database_->handle()) & 0xff) != SQLITE_CONSTRAINT);
  if (!done && database_->in_transaction()) (void)rollback_.run();
  return done;
}

Result<void> Writer::write(std::span<const Record> records) {
  for (const auto& record : records)
    if (auto written = std::visit([this](const auto& kind) { return write(kind); }, record); !written) return written;
  if (next_reply_ != kept_next_reply_)
    if (auto forgotten = changes_.forget_replies_before(next_reply_ - static_cast<std::int64_t>(replies_max_));
        !forgotten)
      return forgotten;
  return batches_.write_rest();
}

Result<void> Writer::write(const Batch& batch) {
  for (const auto& reply : batch.replies)
    if (auto kept = keep_reply(reply); !kept) return kept;
  return batches_.add(batch);
}

Result<void> Writer::write(const Changes& changes) {
  for (const auto& change : changes.list) {
    if (auto written = changes_.write(change); !written) return written;
    if (const auto* const made = std::get_if<RoomMade>(&change)) {
      rooms_.try_emplace(made->id);
      made_.push_back(made->id);
    }
  }
  return changes.reply ? keep_reply(*changes.reply) : Result<void>{};
}

Result<void> Writer::keep_reply(const KeptReply& reply) { return changes_.write(reply, next_reply_++); }

/// SQLite takes it only between transactions.
Result<void> Writer::synchronize(bool fsync) {
  if (fsync == fsync_) return {};
  auto set = database_->run(fsync ? "PRAGMA synchronous = FULL" : "PRAGMA synchronous = NORMAL");
  if (set) fsync_ = fsync;
  return set;
}

void Writer::keep() {
  batches_.keep();
  kept_next_reply_ = next_reply_;
  made_.clear();
}

void Writer::drop() {
  batches_.drop();
  next_reply_ = kept_next_reply_;
  for (const auto room : made_) rooms_.erase(room);
  made_.clear();
}

}  // namespace hubbub::server::sqlite
