#include "server/log/sqlite/load.hpp"

#include <algorithm>

#include "server/log/sqlite/owner_columns.hpp"
#include "server/log/sqlite/producer_table.hpp"
#include "server/log/sqlite/schema.hpp"

namespace hubbub::server::sqlite {

namespace {

/// Calls `each(rows)` for each row that `sql` finds.
template <class Each>
Result<void> for_each(Database& database, const char* sql, Each&& each) {
  Statement statement(database, sql);
  auto rows = statement.query();
  while (rows.next()) each(rows);
  return rows.result();
}

class Loader {
 public:
  Loader(Database& database, std::size_t producer_seqs_max)
      : database_(database), producer_seqs_max_(producer_seqs_max) {}

  Result<Kept> load() {
    for (const auto step : {&Loader::load_store, &Loader::load_rooms, &Loader::load_members, &Loader::load_people,
                            &Loader::load_cursors, &Loader::load_registrations, &Loader::load_replies,
                            &Loader::load_open_calls, &Loader::load_groups, &Loader::load_later})
      if (auto loaded = (this->*step)(); !loaded) return tl::unexpected(loaded.error());
    return std::move(kept_);
  }

 private:
  Result<void> load_store() {
    return for_each(database_, "SELECT value FROM meta WHERE key = 'store'",
                    [this](const Rows& row) { kept_.store = row.random128<StoreId>(0); });
  }

  Result<void> load_rooms() {
    Statement rooms(
        database_,
        "SELECT id, key, topic, topic_by, topic_at, trimmed, trimmed_time, folded, retained, owner FROM rooms "
        "ORDER BY id");
    auto rows = rooms.query();
    while (rows.next()) {
      KeptRoom room{rows.room(0), rows.text(1), rows.seq(5),  rows.seq(5).next(),
                    rows.time(6), rows.text(2), rows.text(3), rows.time(4),
                    rows.text(8), {},           {},           rows.text(9)};
      if (auto ended = load_end(room); !ended) return ended;
      auto producers = producers_.load(room.id, rows.seq(7));
      if (!producers) return tl::unexpected(producers.error());
      room.producers = std::move(*producers);
      give_up_windows(room.producers);
      kept_.rooms.push_back(std::move(room));
    }
    return rows.result();
  }

  /// But for the newest of each, once there are more in all than the rooms may remember.
  void give_up_windows(std::vector<KeptProducer>& producers) {
    for (auto& [client, epoch, last, recent] : producers) {
      if (producer_seqs_ + recent.size() > producer_seqs_max_) recent = std::vector{recent.back()};
      producer_seqs_ += recent.size();
    }
  }

  Result<void> load_end(KeptRoom& room) {
    auto newest = newest_batch_.query(room.id);
    if (newest.next()) {
      room.last = newest.seq(0);
      room.time = newest.time(1);
    }
    return newest.result();
  }

  Result<void> load_members() {
    return for_each(database_,
                    "SELECT m.room, p.name FROM members m JOIN people p ON p.id = m.person ORDER BY m.room, p.name",
                    [this](const Rows& row) {
                      const auto room = std::ranges::lower_bound(kept_.rooms, row.room(0), {}, &KeptRoom::id);
                      if (room != kept_.rooms.end() && room->id == row.room(0)) room->members.push_back(row.text(1));
                    });
  }

  Result<void> load_people() {
    return for_each(database_, "SELECT name, owner, uid, verified FROM people ORDER BY id", [this](const Rows& row) {
      kept_.people.push_back({row.text(0), owner_in(row, 1, 2), row.integer(3) != 0});
    });
  }

  Result<void> load_cursors() {
    return for_each(database_,
                    "SELECT c.room, p.name, c.consumer, c.seq, c.moved_at FROM cursors c JOIN people p "
                    "ON p.id = c.person ORDER BY c.room, p.name, c.consumer",
                    [this](const Rows& row) {
                      kept_.cursors.push_back({row.room(0), row.text(1), row.text(2), row.seq(3), row.time(4)});
                    });
  }

  /// Each got the row behind all others when it was made again.
  Result<void> load_registrations() {
    auto loaded = for_each(
        database_, "SELECT client, owner, uid, epoch FROM registrations ORDER BY rowid", [this](const Rows& row) {
          kept_.registrations.push_back({row.random128<ClientId>(0), owner_in(row, 1, 2), row.number(3)});
        });
    if (!loaded) return loaded;
    return for_each(database_, "SELECT value FROM meta WHERE key = 'forgotten_epoch'",
                    [this](const Rows& row) { kept_.forgotten_epoch = row.number(0); });
  }

  Result<void> load_replies() {
    return for_each(database_, "SELECT client, call, status, result, question FROM replies ORDER BY id",
                    [this](const Rows& row) {
                      kept_.replies.push_back({row.random128<ClientId>(0), CallId{row.number(1)},
                                               static_cast<Status>(row.integer(2)), row.text(3), row.number(4)});
                    });
  }

  Result<void> load_open_calls() {
    Statement open(database_,
                   "SELECT client, call, question, method, person, verified, arguments, given_at FROM exact_calls "
                   "WHERE status IS NULL ORDER BY id");
    auto rows = open.query();
    while (rows.next()) {
      const auto method = MethodName::parse(rows.bytes(3));
      const auto person = PersonName::parse(rows.bytes(4));
      if (!method || !person)
        return fail(Status::data_loss, database_.path() +
                                           " is damaged: a call of a service is not what was written; "
                                           "see hubbubd check");
      kept_.open_calls.push_back({rows.random128<ClientId>(0), CallId{rows.number(1)}, rows.number(2), *method, *person,
                                  rows.integer(5) != 0, rows.text(6), rows.time(7)});
    }
    return rows.result();
  }

  Result<void> load_groups() {
    return for_each(database_, "SELECT room, name, next, state FROM queue_groups ORDER BY room, name",
                    [this](const Rows& row) {
                      const auto room = std::ranges::lower_bound(kept_.rooms, row.room(0), {}, &KeptRoom::id);
                      if (room != kept_.rooms.end() && room->id == row.room(0))
                        room->groups.push_back({row.text(1), row.seq(2), row.text(3)});
                    });
  }

  /// An index has all of it, however long the messages are.
  Result<void> load_later() {
    auto& later = kept_.later;
    auto loaded = for_each(database_, "SELECT seq FROM sqlite_sequence WHERE name = 'later'",
                           [&](const Rows& row) { later.last = LaterId{row.number(0)}; });
    if (!loaded) return loaded;
    loaded = for_each(database_, "SELECT at FROM later ORDER BY at LIMIT 1",
                      [&](const Rows& row) { later.first = row.time(0); });
    if (!loaded) return loaded;
    return for_each(database_, "SELECT owner, uid, count(*) FROM later GROUP BY owner, uid", [&](const Rows& row) {
      later.count.emplace_back(owner_in(row, 0, 1), static_cast<std::size_t>(row.integer(2)));
    });
  }

  Database& database_;
  const std::size_t producer_seqs_max_;
  std::size_t producer_seqs_ = 0;
  Kept kept_;
  ProducerTable producers_{database_};
  Statement newest_batch_{database_, "SELECT last, last_time FROM batches WHERE room = ?1 ORDER BY first DESC LIMIT 1"};
};

}  // namespace

Result<Kept> load(const std::string& path, const std::string& vfs, std::size_t producer_seqs_max) {
  const auto database = Database::open(path, Database::Access::read, vfs);
  if (!database) return tl::unexpected(database.error());
  const ReadTransaction snapshot(**database);
  if (!snapshot.begun()) return tl::unexpected(snapshot.begun().error());
  if (auto ours = check_schema(**database); !ours) return tl::unexpected(ours.error());
  return Loader(**database, producer_seqs_max).load();
}

}  // namespace hubbub::server::sqlite
