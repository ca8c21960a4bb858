// The thread that writes: group commit.
//   any core --give(record)--> [queue] --all that waits, as one group--> Writer::commit --committed--> the cores
// While one group is written the next one gathers, so that groups grow by themselves under load, and no timer makes
// anybody wait. Between groups, and at least now and then, it tends the database.
#pragma once

#include <chrono>
#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "common/clock.hpp"
#include "server/log/sqlite/writer.hpp"
#include "server/log/store.hpp"

namespace hubbub::server::sqlite {

class CommitThread {
 public:
  /// Outlet and clock must outlive it. `after_commit` is called on the thread, after each group.
  CommitThread(std::unique_ptr<Writer> writer, StoreOutlet& outlet, const Clock& clock,
               std::function<void()> after_commit);
  /// Commits what was given. Where that fails it is given up, and the log says how much that is: whoever wants to wait
  /// for a disk does so before.
  ~CommitThread();

  /// On any thread. Never blocks for longer than it takes to put it into the queue.
  void give(unsigned core, Record record, std::function<void()> committed);
  void keep(RoomId room, const RoomPolicy& policy);

 private:
  using Steady = std::chrono::steady_clock;
  struct Waiting {
    unsigned core = 0;
    std::function<void()> committed;
  };
  /// Side by side, since the writer wants the records in one piece.
  struct Given {
    std::vector<Record> records;
    std::vector<Waiting> waiting;
    std::vector<std::pair<RoomId, RoomPolicy>> policies;
    [[nodiscard]] bool is_empty() const { return records.empty() && policies.empty(); }
  };

  void run();
  bool take(Given& taken);
  bool commit(Given& taken);
  bool commit(std::span<const Record> group);
  bool wait_to_try_again(std::chrono::milliseconds how_long);
  void answer(std::span<Waiting> group);
  void tell_erased();
  void look_after();
  void tend(bool idle);
  void note_failure(const Error& error);
  bool somebody_waits();

  std::unique_ptr<Writer> writer_;
  StoreOutlet& outlet_;
  const Clock& clock_;
  const std::function<void()> after_commit_;

  std::mutex mutex_;  // of the next three
  std::condition_variable changed_;
  Given given_;
  bool ending_ = false;

  Steady::time_point next_tend_;  // of the thread alone, as is what follows
  bool more_to_tend_ = false;
  std::string failure_;       // of tending, so that it is logged once
  std::size_t given_up_ = 0;  // of what was taken: see effects_of()
  std::thread thread_;
};

}  // namespace hubbub::server::sqlite
