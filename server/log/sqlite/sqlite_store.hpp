// The store of a hub that is alone: one SQLite file, one thread that writes, some that read; and an index of words in a
// file of its own, with a thread of its own.
//   cores --append, change--> CommitThread: Writer --> the database --> SearchThread: SearchIndex --> the index
//         --read, find_time, find_answer--> ReadThreads: Readers <--┘ search --> ReadThreads: SearchReader <--┘
#pragma once

#include <memory>
#include <string>

#include "common/clock.hpp"
#include "server/log/sqlite/commit_thread.hpp"
#include "server/log/sqlite/read_threads.hpp"
#include "server/log/sqlite/reader.hpp"
#include "server/log/sqlite/search_reader.hpp"
#include "server/log/sqlite/search_thread.hpp"
#include "server/log/store.hpp"

namespace hubbub::server::sqlite {

class SqliteStore final : public Store {
 public:
  struct Settings {
    Writer::Settings database;
    std::string index_path;  ///< of the index of words; empty: none
  };
  /// Makes the database, or brings it up to date; what it holds is then there for load(). Outlet and clock must outlive
  /// the store.
  static Result<std::unique_ptr<SqliteStore>> open(const Settings& settings, StoreOutlet& outlet, const Clock& clock);
  /// Commits what was given, and answers it; but for what the disk doesn't take.
  ~SqliteStore() override = default;

  void append(unsigned core, Batch batch, std::function<void()> committed) override;
  void change(unsigned core, Changes changes, std::function<void()> committed) override;
  void read(unsigned core, RoomId room, Seq from, Seq until, std::size_t bytes_max,
            std::function<void(Result<LogRead>)> then) override;
  void find_time(unsigned core, RoomId room, WallTime time, std::function<void(Result<Seq>)> then) override;
  void amendments(unsigned core, RoomId room, AmendmentsWish wish,
                  std::function<void(Result<std::vector<std::string>>)> then) override;
  void pinned(unsigned core, RoomId room, std::function<void(Result<std::vector<Seq>>)> then) override;
  void search(unsigned core, SearchWish wish, std::function<void(Result<SearchFound>)> then) override;
  void find_answer(unsigned core, ClientId client, CallId call,
                   std::function<void(Result<std::optional<KeptAnswer>>)> then) override;
  void later(unsigned core, LaterWish wish, std::function<void(Result<LaterFound>)> then) override;
  void keep(RoomId room, RoomPolicy policy) override;

 private:
  SqliteStore(std::unique_ptr<Writer> writer, std::vector<std::unique_ptr<Reader>> readers, const Settings& settings,
              StoreOutlet& outlet, const Clock& clock);

  StoreOutlet& outlet_;
  std::unique_ptr<SearchThread> index_;  // woken by commits, so it ends after them
  CommitThread commits_;                 // ends after the readers
  ReadThreads<Reader> reads_;
  std::unique_ptr<ReadThreads<SearchReader>> searches_;
};

}  // namespace hubbub::server::sqlite
