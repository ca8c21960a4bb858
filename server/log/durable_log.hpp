// The log of a durable room: on disk, with the newest part in memory too.
//   append --> Store (another thread) --committed--> tail --> Room: acknowledge, fan out
//   read   --> the tail, at once | the Store, later
// Bounded: what waits for its commit counts towards its core's backlog, past which nobody is read who publishes here.
#pragma once

#include <atomic>
#include <deque>

#include "server/log/memory_log.hpp"
#include "server/log/store.hpp"

namespace hubbub::server {

/// Shared by all durable logs of one core.
struct DurableLogs {
  DurableLogs(Store& store_, unsigned core_) : store(store_), core(core_) {}
  Store& store;
  const unsigned core;
  std::atomic<std::size_t> uncommitted_bytes{0};  ///< written by the core, read by all
  std::string trouble;                            ///< why nothing can be committed now; empty while all is well
  std::atomic<bool> in_trouble{false};            ///< the same, for all to read
};

class DurableLog final : public RoomLog {
 public:
  /// `kept` is what the store has of the room; zero and one where there is nothing.
  /// `emptied`: as of MemoryLog, of the part in memory.
  DurableLog(DurableLogs& shared, TailBudget& budget, RoomId room, Seq last, Seq first_kept, Committed committed,
             std::function<void()> emptied);

  void append(Batch batch) override;
  void read(Seq from, Seq until, std::size_t bytes_max, std::function<void(LogRead)> then) override;
  void find_time(WallTime time, std::function<void(Seq)> then) override;
  void amendments(AmendmentsWish wish, std::function<void(Result<std::vector<std::string>>)> then) override;
  void pinned(std::function<void(Result<std::vector<Seq>>)> then) override;
  std::optional<WallTime> expire(WallTime) override { return std::nullopt; }  ///< the store does
  [[nodiscard]] Seq last_committed() const override { return last_; }
  [[nodiscard]] Seq first_kept() const override { return first_kept_; }
  [[nodiscard]] bool is_durable() const override { return true; }
  [[nodiscard]] const std::string& trouble() const override { return shared_.trouble; }

  /// Retention has given up everything before that.
  void trimmed(Seq first_kept);
  /// The store has erased it.
  void erased(Seq seq);

 private:
  void committed_one();
  void append_tail(Seq from, Seq until, std::size_t bytes_max, LogRead& found);
  [[nodiscard]] LogRead unreadable(const Error& error) const;

  DurableLogs& shared_;
  const RoomId room_;
  Committed committed_;
  MemoryLog tail_;
  std::deque<Slice> uncommitted_;
  Seq last_;
  Seq first_kept_;
};

}  // namespace hubbub::server
