#include "server/log/sqlite/check.hpp"

#include <fmt/format.h>

#include <array>
#include <sstream>

#include "server/log/sqlite/room_check.hpp"
#include "server/log/sqlite/schema.hpp"

namespace hubbub::server::sqlite {

namespace {

Result<void> check_file(Database& database, Findings& findings) {
  Statement statement(database, "PRAGMA integrity_check(20)");
  auto rows = statement.query();
  std::string said;
  while (rows.next())
    for (std::istringstream lines{std::string(rows.bytes(0))}; std::getline(lines, said);)
      if (said != "ok") findings.add("SQLite says: " + said);
  return rows.result();
}

/// Rows that refer to what isn't there, or lack something.
struct Orphans {
  const char* what;
  const char* sql;
};
constexpr std::array orphans = {
    Orphans{"batches of messages of no room", "SELECT count(*) FROM batches WHERE room NOT IN (SELECT id FROM rooms)"},
    Orphans{"producers of no room", "SELECT count(*) FROM producers WHERE room NOT IN (SELECT id FROM rooms)"},
    Orphans{"members of no room", "SELECT count(*) FROM members WHERE room NOT IN (SELECT id FROM rooms)"},
    Orphans{"members who are nobody", "SELECT count(*) FROM members WHERE person NOT IN (SELECT id FROM people)"},
    Orphans{"cursors of nobody", "SELECT count(*) FROM cursors WHERE person NOT IN (SELECT id FROM people)"},
    Orphans{"calls of services that are half answered",
            "SELECT count(*) FROM exact_calls WHERE (status IS NULL) <> (result IS NULL)"},
};

Result<void> check_orphans(Database& database, Findings& findings) {
  for (const auto& [what, sql] : orphans) {
    Statement statement(database, sql);
    auto rows = statement.query();
    if (rows.next() && rows.integer(0) > 0) findings.add(fmt::format("there are {} {}", rows.integer(0), what));
    if (!rows.result()) return rows.result();
  }
  return {};
}

Result<void> check_rooms(Database& database, Findings& findings) {
  Statement statement(database, "SELECT id, key, trimmed, trimmed_time, folded FROM rooms ORDER BY id");
  auto rows = statement.query();
  while (rows.next()) {
    const CheckedRoom room{rows.room(0), rows.text(1), rows.seq(2), rows.time(3), rows.seq(4)};
    if (auto checked = RoomCheck(database, room, findings).run(); !checked) return checked;
  }
  return rows.result();
}

}  // namespace

Result<std::vector<std::string>> check(const std::string& path, const std::string& vfs) {
  const auto database = Database::open(path, Database::Access::read, vfs);
  if (!database) return tl::unexpected(database.error());
  if (auto ours = check_schema(**database); !ours) return tl::unexpected(ours.error());
  const ReadTransaction snapshot(**database);
  if (!snapshot.begun()) return tl::unexpected(snapshot.begun().error());
  Findings findings;
  for (const auto part : {check_file, check_orphans, check_rooms})
    if (const auto done = part(**database, findings); !done) {
      if (done.error().status != Status::data_loss) return tl::unexpected(done.error());
      findings.add(done.error().sentence);  // so damaged that no more of it can be read
    }
  return findings.take();
}

}  // namespace hubbub::server::sqlite
