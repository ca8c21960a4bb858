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

/// A page in the write-ahead log, with its header (https://www.sqlite.org/walformat.html).
constexpr std::int64_t log_frame_bytes = 24 + page_bytes;
/// How much longer than what is in it the log's file is made before a transaction that is synchronized, as soon as it
/// is less than the first of these.
constexpr std::int64_t log_ahead_min = 256 * 1024, log_ahead = 1024 * 1024;

constexpr std::int64_t log_pages_of(std::int64_t mebibytes) { return mebibytes * 1024 * 1024 / page_bytes; }
/// What the write-ahead log may hold that isn't in the database yet: while nobody waits for a commit, and in any case.
constexpr auto idle_log_pages_max = log_pages_of(16);
constexpr auto busy_log_pages_max = log_pages_of(64);
/// The log begins anew by itself where no reader needs the old one at that moment. From here on that isn't left to
/// chance.
constexpr auto restart_log_pages = log_pages_of(128);
/// How long commits wait then for readers, which hold a snapshot for the length of one read (but for a backup).
constexpr int restart_wait_ms = 20;
/// Ids of batches that are reserved at once, since that waits for the disk: few enough that ids stay dense.
constexpr std::int64_t reserved_at_once = 1 << 16;

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

bool is_batch(const Record& record) { return std::holds_alternative<Batch>(record); }

/// An epoch that was given out must not be given out again after a loss of power: it tells two programs apart. Nor may
/// an answer that counts for ever be another one then.
bool is_for_ever(const Change& change) {
  return std::holds_alternative<ProducerRegistered>(change) || std::holds_alternative<CallGiven>(change) ||
         std::holds_alternative<CallAnswered>(change);
}

bool needs_fsync(const Record& record) {
  if (const auto* const batch = std::get_if<Batch>(&record)) return batch->fsync;
  return std::ranges::any_of(std::get<Changes>(record).list, is_for_ever);
}

}  // namespace

Writer::Writer(std::unique_ptr<Database> database, RoomStates rooms, std::int64_t next_batch, std::int64_t next_reply,
               std::size_t replies_max)
    : database_(std::move(database)),
      rooms_(std::move(rooms)),
      batches_(*database_, rooms_, next_batch),
      tended_at_(next_batch),
      next_reply_(next_reply),
      kept_next_reply_(next_reply),
      replies_max_(replies_max),
      restart_pages_(restart_log_pages) {
  sqlite3_wal_hook(database_->handle(), &Writer::on_committed, this);
}

Result<std::unique_ptr<Writer>> Writer::open(const Settings& settings) {
  auto database = Database::open(settings.path, Database::Access::write, settings.vfs);
  if (!database) return tl::unexpected(database.error());
  (*database)->checkpoint_at_close(false);
  auto ready = prepare_schema(**database, settings.birth);
  if (ready) ready = use_wal(**database);
  if (ready) ready = (*database)->run(connection_settings);
  if (ready) (*database)->checkpoint_at_close(true);
  if (!ready) return tl::unexpected(ready.error());
  auto rooms = read_room_states(**database);
  if (!rooms) return tl::unexpected(rooms.error());
  const auto next_batch = number(**database,
                                 "SELECT max((SELECT value FROM meta WHERE key = 'next_batch'), "
                                 "(SELECT coalesce(max(id), 0) + 1 FROM batches))");
  if (!next_batch) return tl::unexpected(next_batch.error());
  const auto next_reply = number(**database, "SELECT coalesce(max(id), 0) + 1 FROM replies");
  if (!next_reply) return tl::unexpected(next_reply.error());
  auto writer = std::unique_ptr<Writer>(
      new Writer(std::move(*database), std::move(*rooms), *next_batch, *next_reply, settings.replies_max));
  if (auto loaded = writer->marks_.load(); !loaded) return tl::unexpected(loaded.error());
  return writer;
}

Result<void> Writer::commit(std::span<const Record> records) {
  if (records.empty()) return {};
  auto done = be_sure();
  if (done) done = reserve(std::ranges::count_if(records, is_batch));
  if (done) done = synchronize(std::ranges::any_of(records, needs_fsync));
  if (done && fsync_) lengthen_log();
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
  if (!done) {
    const auto code = sqlite3_errcode(database_->handle()) & 0xff;
    assert(code != SQLITE_CONSTRAINT);
    if (code == SQLITE_IOERR) doubt();
    if (database_->in_transaction()) (void)rollback_.run();
  }
  return done;
}

void Writer::doubt() {
  unsure_ = true;
  database_->checkpoint_at_close(false);
}

/// Before anything is committed or copied after the disk has failed.
///
/// The transaction that failed is no danger: SQLite rolls it back, and when it is written again, the same frames of the
/// log are written again, so that the next fsync has to bring them to the disk. But a kernel tells of a failed fsync
/// once, and then takes the pages for clean which it couldn't write. Those may be earlier transactions' that were
/// committed without an fsync: still in the page cache, perhaps not on the disk, and so a hole in the log, before which
/// a recovery would end. Later transactions would be lost, synchronized or not; and the log before the hole, put over a
/// database into which all of it had been copied, would damage that. So the log is first written once more.
Result<void> Writer::be_sure() {
  if (!unsure_) return {};
  auto sure = database_->rewrite_log();
  if (!sure) return sure;
  unsure_ = false;
  database_->checkpoint_at_close(true);
  return {};
}

/// An id is given out only once a loss of power can't make the database forget that: what was lost with it may have
/// come as far as the search index, which must not take another batch for it.
Result<void> Writer::reserve(std::int64_t batches) {
  const auto needed = batches_.next_id() + batches;
  if (needed <= reserved_) return {};
  const auto until = needed + reserved_at_once;
  auto done = synchronize(true);
  if (done) done = transaction([&] { return set_next_batch_.run(until); });
  if (done) reserved_ = until;
  return done;
}

Result<void> Writer::checkpoint(int mode) {
  int log_pages = 0, copied_pages = 0;
  const int code = sqlite3_wal_checkpoint_v2(database_->handle(), "main", mode, &log_pages, &copied_pages);
  log_pages_ = std::max(log_pages, 0);
  copied_pages_ = std::max(copied_pages, 0);
  if (code == SQLITE_OK) return {};
  auto error = database_->error();
  if ((code & 0xff) == SQLITE_IOERR) doubt();
  return tl::unexpected(std::move(error));
}

Result<void> Writer::shorten_log(bool idle) {
  if (auto sure = be_sure(); !sure) return sure;
  if (log_pages_ - copied_pages_ < (idle ? idle_log_pages_max : busy_log_pages_max)) return {};
  if (log_pages_ < restart_pages_) return checkpoint(SQLITE_CHECKPOINT_PASSIVE);
  sqlite3_busy_timeout(database_->handle(), restart_wait_ms);
  auto begun = checkpoint(SQLITE_CHECKPOINT_RESTART);
  const bool busy = !begun && (sqlite3_errcode(database_->handle()) & 0xff) == SQLITE_BUSY;
  sqlite3_busy_timeout(database_->handle(), Database::busy_ms);
  restart_pages_ = busy ? log_pages_ + restart_log_pages : restart_log_pages;
  return busy ? Result<void>{} : begun;
}

Result<void> Writer::empty_log() {
  if (auto sure = be_sure(); !sure) return sure;
  return checkpoint(SQLITE_CHECKPOINT_TRUNCATE);
}

int Writer::on_committed(void* self, sqlite3*, const char*, int log_pages) {
  auto& writer = *static_cast<Writer*>(self);
  if (log_pages < writer.log_pages_) writer.copied_pages_ = writer.log_bytes_ = 0;  // the log has begun anew
  writer.log_pages_ = log_pages;
  return SQLITE_OK;
}

Result<Writer::Tended> Writer::expire(WallTime now) {
  expires_next_ = false;
  tended_at_ = std::min(tended_at_ + rows_a_step, batches_.next_id());
  auto done = be_sure();
  if (done) done = synchronize(false);
  if (done)
    done = transaction([&]() -> Result<void> {
      const auto expired = marks_.expire(now);
      return expired ? Result<void>{} : tl::unexpected(expired.error());
    });
  if (!done) {
    marks_.drop();
    return tl::unexpected(done.error());
  }
  marks_.keep();
  return Tended{true, {}, {}};
}

/// What there is to do takes turns: a million messages that expire hold up neither trimming nor folding, nor these
/// them.
Result<Writer::Tended> Writer::tend(WallTime now) {
  const bool expires = marks_.next_due() && *marks_.next_due() <= now;
  if (expires && expires_next_) return expire(now);
  auto folded = folds_next_ ? trimmer_.next_to_fold() : std::nullopt;
  const auto trimmed = folded ? std::nullopt : trimmer_.next_to_trim(now);
  if (!folded && !trimmed) folded = trimmer_.next_to_fold();
  if (!folded && !trimmed && expires) return expire(now);
  if (!folded && !trimmed) {
    tended_at_ = batches_.next_id() + trimmer_.rows_a_look();
    return Tended{};
  }
  tended_at_ = std::min(tended_at_ + rows_a_step, batches_.next_id());
  Trimmer::Step step;
  auto done = be_sure();
  if (done) done = synchronize(false);
  if (done)
    done = transaction([&]() -> Result<void> {
      auto made = trimmed ? trimmer_.trim(*trimmed, now) : trimmer_.fold(*folded);
      if (!made) return tl::unexpected(made.error());
      step = *made;
      return {};
    });
  if (!done) return tl::unexpected(done.error());
  trimmer_.keep(step);
  expires_next_ = trimmed || !folds_next_;
  folds_next_ = trimmed.has_value();
  if (!trimmed) return Tended{true, {}, {}};
  return Tended{true, *trimmed, step.after.trimmed.next()};
}

Result<void> Writer::write(std::span<const Record> records) {
  for (const auto& record : records)
    if (auto written = std::visit([this](const auto& kind) { return write(kind); }, record); !written) return written;
  if (next_reply_ != kept_next_reply_)
    if (auto forgotten = changes_.forget_replies_before(next_reply_ - static_cast<std::int64_t>(replies_max_));
        !forgotten)
      return forgotten;
  if (auto rest = batches_.write_rest(); !rest) return rest;
  return write_marks(records);
}

/// Once every message of the group is in its row.
Result<void> Writer::write_marks(std::span<const Record> records) {
  for (const auto& record : records)
    if (const auto* const batch = std::get_if<Batch>(&record))
      for (const auto& marked : batch->marks)
        if (auto noted = marks_.note(batch->frames.room, marked); !noted) return noted;
  return {};
}

Result<void> Writer::write(const Batch& batch) {
  for (const auto& reply : batch.replies)
    if (auto kept = keep_reply(reply); !kept) return kept;
  for (const auto later : batch.later)
    if (auto forgotten = changes_.forget_later(later); !forgotten) return forgotten;
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

/// An fsync after writing into what the log's file has already is quicker than after an append, which has to go through
/// the file system's journal. So does each fsync of a file that somebody has asked for its size since the last one
/// (multigrain timestamps, Linux 6.13): it is asked for once a step. Where the disk hasn't the room, the transaction
/// that follows says so, if it needs it.
void Writer::lengthen_log() {
  const auto end = log_pages_ * log_frame_bytes;
  if (end + log_ahead_min > log_bytes_)
    log_bytes_ = std::max(database_->lengthen_log(end + log_ahead), end + log_ahead);
}

void Writer::keep() {
  batches_.keep([this](RoomId room, RoomState& state) { trimmer_.note(room, state); });
  marks_.keep();
  kept_next_reply_ = next_reply_;
  made_.clear();
}

void Writer::drop() {
  batches_.drop();
  marks_.drop();
  next_reply_ = kept_next_reply_;
  for (const auto room : made_) rooms_.erase(room);
  made_.clear();
}

}  // namespace hubbub::server::sqlite
