#include "server/log/sqlite/search_file.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "common/log.hpp"
#include "server/log/sqlite/data_directory.hpp"

namespace hubbub::server::sqlite {

namespace {

/// "hubs": says that the file is ours.
constexpr std::int64_t search_application_id = 0x68756273;
/// Not migrated: an index of another version is made anew.
constexpr std::int64_t search_version = 2;

/// Its WAL is as safe as the hub's where durability is `commit`. At 16 MiB it is checkpointed: often enough that no
/// single sync holds up the hub's own for long.
constexpr const char* settings = R"(
PRAGMA journal_mode = WAL;
PRAGMA synchronous = NORMAL;
PRAGMA wal_autocheckpoint = 4096;
PRAGMA journal_size_limit = 67108864;
PRAGMA cache_size = -8192;
PRAGMA temp_store = MEMORY;
)";

constexpr const char* tables = R"(
CREATE TABLE meta(key TEXT PRIMARY KEY, value) WITHOUT ROWID;
CREATE TABLE parts(
  id INTEGER PRIMARY KEY, first INTEGER NOT NULL, last INTEGER NOT NULL, messages INTEGER NOT NULL,
  state INTEGER NOT NULL);
CREATE TABLE stretches(
  part INTEGER NOT NULL, first INTEGER NOT NULL, last INTEGER NOT NULL, first_time INTEGER NOT NULL,
  last_time INTEGER NOT NULL, PRIMARY KEY(part, first)) WITHOUT ROWID;
)";

Result<std::int64_t> number(Database& file, std::string sql) {
  Statement statement(file, std::move(sql));
  auto rows = statement.query();
  if (rows.next()) return rows.integer(0);
  if (!rows.result()) return tl::unexpected(rows.result().error());
  return 0;
}

Result<StoreId> store_of(Database& file) {
  Statement statement(file, "SELECT value FROM meta WHERE key = 'store'");
  auto rows = statement.query();
  if (rows.next()) return rows.random128<StoreId>(0);
  if (!rows.result()) return tl::unexpected(rows.result().error());
  return StoreId{};
}

/// Asks each part for a word, so that one that can't be read is noticed now.
Result<void> try_parts(Database& file) {
  const auto parts = ready_parts(file);
  if (!parts) return tl::unexpected(parts.error());
  for (const auto& part : *parts) {
    const auto table = part_table(part.id);
    const auto tried = number(file, fmt::format("SELECT rowid FROM {0} WHERE {0} MATCH '\"a\"' LIMIT 1", table));
    if (!tried) return tl::unexpected(tried.error());
  }
  return {};
}

/// Empty: it is a sound index of that store's messages. Otherwise why it isn't.
Result<std::string> look(Database& file, const StoreId& store) {
  const auto application = number(file, "PRAGMA application_id");
  if (!application) return tl::unexpected(application.error());
  const auto version = number(file, "PRAGMA user_version");
  if (!version) return tl::unexpected(version.error());
  if (*application == 0 && *version == 0) return "it isn't there";
  if (*application != search_application_id || *version != search_version) return "it is of another version";
  const auto whose = store_of(file);
  if (!whose) return tl::unexpected(whose.error());
  if (*whose != store) return "it is of another hub's messages";
  if (auto tried = try_parts(file); !tried) return tl::unexpected(tried.error());
  return std::string();
}

Result<void> remove_files(const std::string& path) {
  for (const auto* suffix :
       {"", "-wal", "-shm"})  // the file first: nobody opens it any more and then finds another WAL
    if (::unlink((path + suffix).c_str()) != 0 && errno != ENOENT)
      return fail(Status::unavailable, fmt::format("can't remove {}{}: {}", path, suffix, std::strerror(errno)));
  return {};
}

Result<void> make_tables(Database& file, const StoreId& store) {
  if (auto made = file.run(std::string("BEGIN;") + tables); !made) return made;
  Statement insert(file, "INSERT INTO meta(key, value) VALUES('store', ?1), ('indexed', 0)");
  if (auto inserted = insert.run(store); !inserted) return inserted;
  return file.run(fmt::format("PRAGMA application_id = {}; PRAGMA user_version = {}; COMMIT", search_application_id,
                              search_version));
}

Result<std::unique_ptr<Database>> open_and_set(const std::string& path) {
  if (auto made = make_private_file(path); !made) return tl::unexpected(made.error());
  auto file = Database::open(path, Database::Access::write);
  if (!file) return file;
  if (auto set = (*file)->run(settings); !set) return tl::unexpected(set.error());
  return file;
}

}  // namespace

bool is_damage(const Error& error) {
  // failed_precondition: it is no database at all. internal: its tables aren't what they have to be.
  return error.status == Status::data_loss || error.status == Status::failed_precondition ||
         error.status == Status::internal;
}

std::string damage_of(const Error& error) {
  if (error.status == Status::data_loss) return "it is damaged";
  return error.status == Status::failed_precondition ? "it is no database" : error.sentence;
}

std::string part_table(std::int64_t id) { return fmt::format("part_{}", id); }

Result<std::vector<Part>> ready_parts(Database& file) {
  Statement select(file, "SELECT id, first, last, messages FROM parts WHERE state = 0 ORDER BY first");
  auto rows = select.query();
  std::vector<Part> parts;
  while (rows.next()) parts.push_back({rows.integer(0), rows.integer(1), rows.integer(2), rows.integer(3)});
  if (!rows.result()) return tl::unexpected(rows.result().error());
  return parts;
}

Result<std::int64_t> indexed_batch(Database& file) {
  return number(file, "SELECT value FROM meta WHERE key = 'indexed'");
}

Result<std::unique_ptr<Database>> open_search_file(const std::string& path, const StoreId& store) {
  auto file = open_and_set(path);
  const auto why = file ? look(**file, store) : tl::unexpected(file.error());
  if (!why && !is_damage(why.error())) return tl::unexpected(why.error());
  if (why && why->empty()) return file;
  log::info("making the search index", {{"file", path}, {"why", why ? *why : damage_of(why.error())}});
  if (file) file->reset();  // closed before its files go
  return make_search_file(path, store);
}

Result<std::unique_ptr<Database>> make_search_file(const std::string& path, const StoreId& store) {
  if (auto removed = remove_files(path); !removed) return tl::unexpected(removed.error());
  auto file = open_and_set(path);
  if (!file) return file;
  if (auto made = make_tables(**file, store); !made) return tl::unexpected(made.error());
  return file;
}

Result<void> make_part(Database& file, const Part& part) {
  // No sizes of columns, which only ranking needs. 16 MiB are gathered in memory before they are written, and segments
  // are merged by 16: as fast as FTS5 gets, for half as many bytes more in the file.
  const auto table = part_table(part.id);
  auto made = file.run(
      fmt::format("CREATE VIRTUAL TABLE {0} USING fts5(body, place, content='', columnsize=0, "
                  "tokenize='unicode61 remove_diacritics 2');"
                  "INSERT INTO {0}({0}, rank) VALUES('hashsize', 16777216), ('automerge', 0), ('crisismerge', 16)",
                  table));
  if (!made) return made;
  Statement insert(file, "INSERT INTO parts(id, first, last, messages, state) VALUES(?1, ?2, ?3, ?4, ?5)");
  return insert.run(part.id, part.first, part.last, part.messages, static_cast<std::int64_t>(part.state));
}

Result<void> drop_part(Database& file, std::int64_t id) {
  return file.run(
      fmt::format("DROP TABLE IF EXISTS {}; DELETE FROM stretches WHERE part = {}; DELETE FROM parts WHERE id = {}",
                  part_table(id), id, id));
}

}  // namespace hubbub::server::sqlite
