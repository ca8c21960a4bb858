// The store of a hub that is alone: one SQLite file, one thread that writes, some that read.
//   cores --append, change--> CommitThread: Writer --> the database
//         --read, find_time--> ReadThreads: Readers <--┘
#pragma once

#include <chrono>
#include <memory>
#include <string>

#include "common/clock.hpp"
#include "server/log/sqlite/commit_thread.hpp"
#include "server/log/sqlite/read_threads.hpp"
#include "server/log/store.hpp"

namespace hubbub::server::sqlite {

class SqliteStore final : public Store {
 public:
  struct Settings {
    Writer::Settings database;
    std::chrono::milliseconds give_up{5000};  ///< at the end, where commits fail: how long they are tried again
  };
  /// Makes the database, or brings it up to date; what it holds is then there for load(). Outlet and clock must outlive
  /// the store.
  static Result<std::unique_ptr<SqliteStore>> open(const Settings& settings, StoreOutlet& outlet, const Clock& clock);
  /// Commits what was given, and answers it.
  ~SqliteStore() override = default;

  void append(unsigned core, Batch batch, std::function<void()> committed) override;
  void change(unsigned core, Changes changes, std::function<void()> committed) override;
  void read(unsigned core, RoomId room, Seq from, Seq until, std::size_t bytes_max,
            std::function<void(Result<LogRead>)> then) override;
  void find_time(unsigned core, RoomId room, WallTime time, std::function<void(Result<Seq>)> then) override;
  void search(unsigned core, SearchWish wish, std::function<void(Result<SearchFound>)> then) override;
  void keep(RoomId room, RoomPolicy policy) override;

 private:
  SqliteStore(std::unique_ptr<Writer> writer, std::vector<std::unique_ptr<Reader>> readers, const Settings& settings,
              StoreOutlet& outlet, const Clock& clock);

  StoreOutlet& outlet_;
  CommitThread commits_;  // ends after the readers, and so is the last to close the file
  ReadThreads reads_;
};

}  // namespace hubbub::server::sqlite
