#include "server/log/sqlite/sqlite_store.hpp"

#include <utility>

namespace hubbub::server::sqlite {

namespace {

/// One that is far behind must not keep the others waiting, nor take the processors from the cores.
constexpr int readers = 2;

/// Answers on the core that asked.
template <class T>
void answer(StoreOutlet& outlet, unsigned core, const std::function<void(Result<T>)>& then, Result<T> found) {
  outlet.run_on(core, [then, found = std::move(found)]() mutable { then(std::move(found)); });
}

}  // namespace

SqliteStore::SqliteStore(std::unique_ptr<Writer> writer, std::vector<std::unique_ptr<Reader>> opened,
                         const Settings& settings, StoreOutlet& outlet, const Clock& clock)
    : outlet_(outlet),
      index_(settings.index_path.empty() ? nullptr
                                         : std::make_unique<SearchThread>(settings.index_path, settings.database.path)),
      commits_(std::move(writer), outlet, clock,
               [this] {
                 if (index_) index_->wake();
               }),
      reads_(std::move(opened)) {
  if (!index_) return;
  std::vector<std::unique_ptr<SearchReader>> searchers;
  searchers.push_back(std::make_unique<SearchReader>(settings.index_path, settings.database.path, clock,
                                                     [this] { index_->rebuild(); }));
  searches_ = std::make_unique<ReadThreads<SearchReader>>(std::move(searchers));
}

Result<std::unique_ptr<SqliteStore>> SqliteStore::open(const Settings& settings, StoreOutlet& outlet,
                                                       const Clock& clock) {
  auto writer = Writer::open(settings.database);
  if (!writer) return tl::unexpected(writer.error());
  std::vector<std::unique_ptr<Reader>> opened;
  for (int i = 0; i < readers; ++i) {
    auto reader = Reader::open(settings.database.path, settings.database.vfs);
    if (!reader) return tl::unexpected(reader.error());
    opened.push_back(std::move(*reader));
  }
  return std::unique_ptr<SqliteStore>(new SqliteStore(std::move(*writer), std::move(opened), settings, outlet, clock));
}

void SqliteStore::append(unsigned core, Batch batch, std::function<void()> committed) {
  commits_.give(core, std::move(batch), std::move(committed));
}

void SqliteStore::change(unsigned core, Changes changes, std::function<void()> committed) {
  commits_.give(core, std::move(changes), std::move(committed));
}

void SqliteStore::read(unsigned core, RoomId room, Seq from, Seq until, std::size_t bytes_max,
                       std::function<void(Result<LogRead>)> then) {
  reads_.ask(room.value, [=, this, then = std::move(then)](Reader& reader) {
    answer(outlet_, core, then, reader.read(room, from, until, bytes_max));
  });
}

void SqliteStore::find_time(unsigned core, RoomId room, WallTime time, std::function<void(Result<Seq>)> then) {
  reads_.ask(room.value, [=, this, then = std::move(then)](Reader& reader) {
    answer(outlet_, core, then, reader.find_time(room, time));
  });
}

void SqliteStore::amendments(unsigned core, RoomId room, AmendmentsWish wish,
                             std::function<void(Result<std::vector<std::string>>)> then) {
  reads_.ask(room.value, [=, this, wish = std::move(wish), then = std::move(then)](Reader& reader) {
    answer(outlet_, core, then, reader.amendments(room, wish));
  });
}

void SqliteStore::pinned(unsigned core, RoomId room, std::function<void(Result<std::vector<Seq>>)> then) {
  reads_.ask(room.value,
             [=, this, then = std::move(then)](Reader& reader) { answer(outlet_, core, then, reader.pinned(room)); });
}

void SqliteStore::search(unsigned core, SearchWish wish, std::function<void(Result<SearchFound>)> then) {
  if (!searches_)
    return answer<SearchFound>(
        outlet_, core, then,
        fail(Status::failed_precondition, "this hub keeps no index of words; its operator can turn on search.index"));
  searches_->ask(0, [=, this, wish = std::move(wish), then = std::move(then)](SearchReader& reader) {
    answer(outlet_, core, then, reader.search(wish));
  });
}

void SqliteStore::find_answer(unsigned core, ClientId client, CallId call,
                              std::function<void(Result<std::optional<KeptAnswer>>)> then) {
  reads_.ask(call.value, [=, this, then = std::move(then)](Reader& reader) {
    answer(outlet_, core, then, reader.find_answer(client, call));
  });
}

/// By one thread, so that the answers keep their order.
void SqliteStore::later(unsigned core, LaterWish wish, std::function<void(Result<LaterFound>)> then) {
  reads_.ask(1, [=, this, then = std::move(then)](Reader& reader) { answer(outlet_, core, then, reader.later(wish)); });
}

void SqliteStore::keep(RoomId room, RoomPolicy policy) { commits_.keep(room, policy); }

}  // namespace hubbub::server::sqlite
