#include "server/log/sqlite/schema.hpp"

#include <fmt/format.h>

#include <array>

namespace hubbub::server::sqlite {

namespace {

constexpr std::string_view version_1 = R"(
CREATE TABLE meta(key TEXT PRIMARY KEY, value) WITHOUT ROWID;

CREATE TABLE rooms(
  id INTEGER PRIMARY KEY, key TEXT UNIQUE NOT NULL,
  topic TEXT NOT NULL DEFAULT '', topic_by TEXT NOT NULL DEFAULT '', topic_at INTEGER NOT NULL DEFAULT 0,
  trimmed INTEGER NOT NULL DEFAULT 0, trimmed_time INTEGER NOT NULL DEFAULT 0, folded INTEGER NOT NULL DEFAULT 0,
  retained BLOB);

CREATE TABLE batches(
  id INTEGER PRIMARY KEY, room INTEGER NOT NULL, first INTEGER NOT NULL, last INTEGER NOT NULL,
  first_time INTEGER NOT NULL, last_time INTEGER NOT NULL, total INTEGER NOT NULL, format INTEGER NOT NULL,
  runs BLOB NOT NULL, frames BLOB NOT NULL);
CREATE INDEX batches_by_room ON batches(room, first, last, last_time, total);

CREATE TABLE producers(
  room INTEGER NOT NULL, client BLOB NOT NULL, epoch INTEGER NOT NULL, last INTEGER NOT NULL,
  touched INTEGER NOT NULL, recent BLOB NOT NULL, PRIMARY KEY(room, client)) WITHOUT ROWID;

CREATE TABLE people(
  id INTEGER PRIMARY KEY, name TEXT UNIQUE NOT NULL, owner BLOB, uid INTEGER, verified INTEGER NOT NULL);
CREATE TABLE members(
  room INTEGER NOT NULL, person INTEGER NOT NULL, PRIMARY KEY(room, person)) WITHOUT ROWID;
CREATE INDEX members_by_person ON members(person);
CREATE TABLE cursors(
  room INTEGER NOT NULL, person INTEGER NOT NULL, consumer TEXT NOT NULL, seq INTEGER NOT NULL,
  moved_at INTEGER NOT NULL, PRIMARY KEY(room, person, consumer)) WITHOUT ROWID;
CREATE INDEX cursors_by_person ON cursors(person);

CREATE TABLE registrations(
  client BLOB PRIMARY KEY, owner BLOB, uid INTEGER, epoch INTEGER NOT NULL);
CREATE TABLE replies(
  id INTEGER PRIMARY KEY, client BLOB NOT NULL, call INTEGER NOT NULL, question INTEGER NOT NULL,
  status INTEGER NOT NULL, result BLOB NOT NULL);
)";

/// Calls that take effect exactly once, what is to be posted later, queue groups that acknowledge, and what later
/// messages mean for earlier ones.
constexpr std::string_view version_2 = R"(
ALTER TABLE rooms ADD COLUMN owner TEXT NOT NULL DEFAULT '';

CREATE TABLE exact_calls(
  id INTEGER PRIMARY KEY, client BLOB NOT NULL, call INTEGER NOT NULL, question INTEGER NOT NULL,
  method TEXT NOT NULL, person TEXT NOT NULL, verified INTEGER NOT NULL, given_at INTEGER NOT NULL,
  arguments BLOB NOT NULL, status INTEGER, result BLOB, UNIQUE(client, call));
CREATE INDEX exact_calls_open ON exact_calls(id) WHERE status IS NULL;

CREATE TABLE later(
  id INTEGER PRIMARY KEY AUTOINCREMENT, at INTEGER NOT NULL, room TEXT NOT NULL, owner BLOB, uid INTEGER,
  person TEXT NOT NULL, verified INTEGER NOT NULL, kind INTEGER NOT NULL, flags INTEGER NOT NULL,
  headers BLOB NOT NULL, body BLOB NOT NULL);
CREATE INDEX later_by_time ON later(at, id);
CREATE INDEX later_by_owner ON later(owner, uid, at, id);

CREATE TABLE queue_groups(
  room INTEGER NOT NULL, name TEXT NOT NULL, next INTEGER NOT NULL, state BLOB NOT NULL,
  PRIMARY KEY(room, name)) WITHOUT ROWID;

CREATE TABLE amendments(
  room INTEGER NOT NULL, target INTEGER NOT NULL, seq INTEGER NOT NULL, what INTEGER NOT NULL,
  PRIMARY KEY(room, target, seq)) WITHOUT ROWID;
CREATE INDEX amendments_by_seq ON amendments(room, seq);
CREATE INDEX pins ON amendments(room, target) WHERE what IN (3, 19);
CREATE TABLE keys(
  room INTEGER NOT NULL, key TEXT NOT NULL, seq INTEGER NOT NULL, PRIMARY KEY(room, key)) WITHOUT ROWID;
CREATE INDEX keys_by_seq ON keys(room, seq);
CREATE TABLE expiring(
  due INTEGER NOT NULL, room INTEGER NOT NULL, seq INTEGER NOT NULL, PRIMARY KEY(due, room, seq)) WITHOUT ROWID;
CREATE INDEX expiring_by_seq ON expiring(room, seq);
)";

/// What makes version n + 1 out of version n. Append only.
constexpr std::array steps = {version_1, version_2};
static_assert(steps.size() == schema_version);

/// What a file says it is, before anything in it is believed.
struct Label {
  std::int64_t application = 0;
  std::int64_t version = 0;
  std::int64_t objects = 0;  ///< tables, indexes …
};

Result<std::int64_t> number(Database& database, const char* sql) {
  Statement statement(database, sql);
  auto rows = statement.query();
  if (rows.next()) return rows.integer(0);
  if (!rows.result()) return tl::unexpected(rows.result().error());
  return 0;
}

Result<Label> label_of(Database& database) {
  const auto application = number(database, "PRAGMA application_id");
  if (!application) return tl::unexpected(application.error());
  const auto version = number(database, "PRAGMA user_version");
  if (!version) return tl::unexpected(version.error());
  const auto objects = number(database, "SELECT count(*) FROM sqlite_schema");
  if (!objects) return tl::unexpected(objects.error());
  return Label{*application, *version, *objects};
}

Result<void> check(const Label& label, const std::string& path) {
  if (label.application != application_id)
    return fail(Status::failed_precondition, fmt::format("{} is a database of another program; name another", path));
  if (label.version > schema_version)
    return fail(Status::failed_precondition,
                fmt::format("{} was written by a later hubbub (its tables are version {}, this one knows up to {}); "
                            "install that one, or name another folder",
                            path, label.version, schema_version));
  return {};
}

/// What a process before this one could not synchronize, or had no time to, is found in the log: it is kept before
/// anybody hears of it.
Result<void> make_usable(const Label& label, Database& database) {
  if (auto ours = check(label, database.path()); !ours) return ours;
  if (auto writable = database.check_writable(); !writable) return writable;
  return database.rewrite_log();
}

Result<void> be_born(Database& database, const Birth& birth) {
  Statement insert(database, "INSERT INTO meta(key, value) VALUES('store', ?1), ('created', ?2), ('next_batch', 1)");
  return insert.run(birth.store, birth.created);
}

/// One step and the number that says it was taken, in one transaction.
Result<void> take_step(Database& database, std::int64_t from, const Birth& birth) {
  std::string sql = "BEGIN IMMEDIATE;";
  if (from == 0) sql += fmt::format("PRAGMA application_id = {};", application_id);
  sql += steps.at(static_cast<std::size_t>(from));
  sql += fmt::format("PRAGMA user_version = {};", from + 1);
  auto taken = database.run(sql);
  if (taken && from == 0) taken = be_born(database, birth);
  if (taken) taken = database.run("COMMIT");
  if (!taken && database.in_transaction()) (void)database.run("ROLLBACK");
  return taken;
}

}  // namespace

Result<void> prepare_schema(Database& database, const Birth& birth) {
  const auto label = label_of(database);
  if (!label) return tl::unexpected(label.error());
  const bool is_new = label->application == 0 && label->version == 0 && label->objects == 0;
  if (!is_new)
    if (auto usable = make_usable(*label, database); !usable) return usable;
  if (is_new)
    if (auto sized = database.run(fmt::format("PRAGMA page_size = {}", page_bytes)); !sized) return sized;
  for (auto version = is_new ? 0 : label->version; version < schema_version; ++version)
    if (auto taken = take_step(database, version, birth); !taken) return taken;
  return {};
}

Result<void> check_schema(Database& database) {
  const auto label = label_of(database);
  if (!label) return tl::unexpected(label.error());
  if (auto ours = check(*label, database.path()); !ours) return ours;
  if (label->version < schema_version)
    return fail(Status::failed_precondition,
                fmt::format("{} was written by an earlier hubbub; start the hub on it once, which brings it up to date",
                            database.path()));
  return {};
}

}  // namespace hubbub::server::sqlite
