// The log of a transient room: the tail of its stream, in the very chunks that the fan-out sends from.
//   append --> [slice][slice][slice] --trim--> gone
// A batch is committed as soon as it is appended. Bounded by messages and by the memory that its chunks take; all logs
// of a core together by a budget. Where that is used up, whoever appends and holds more than an equal share of it gives
// up its own oldest messages; whoever holds less takes the place from one that holds more, or else from the one that
// was appended to longest ago. So neither do busy rooms cost a quiet one what little it remembers, nor idle ones keep
// the budget for ever.
#pragma once

#include <algorithm>
#include <deque>
#include <list>
#include <set>

#include "server/log/mark_index.hpp"
#include "server/log/room_log.hpp"

namespace hubbub::server {

struct TailBounds {
  std::uint64_t messages_max = 0;   ///< per room
  std::size_t bytes_max = 0;        ///< per room; the newest chunk is kept even if it alone is larger
  std::size_t total_bytes_max = 0;  ///< all rooms of the core
};

class MemoryLog;

/// Shared by all logs of one core.
struct TailBudget {
  explicit TailBudget(TailBounds bounds_) : bounds(bounds_) {}
  TailBounds bounds;
  std::size_t used_bytes = 0;
  std::size_t retained_bytes = 0;  ///< of these, in retained messages, which aren't given up
  std::list<MemoryLog*> holders;   ///< logs that hold something; the one appended to longest ago first

  /// Retained messages may take half of the budget, or there would be no tails.
  [[nodiscard]] bool may_retain(std::size_t bytes, std::size_t instead_of) const {
    return retained_bytes - instead_of + bytes <= bounds.total_bytes_max / 2;
  }
  void retain(std::size_t bytes, std::size_t instead_of) {
    retained_bytes += bytes - instead_of;
    used_bytes += bytes - instead_of;
  }
  [[nodiscard]] bool is_over() const { return used_bytes > bounds.total_bytes_max; }
  [[nodiscard]] std::size_t share_bytes() const {
    const auto for_tails = bounds.total_bytes_max - std::min(retained_bytes, bounds.total_bytes_max);
    return for_tails / std::max<std::size_t>(holders.size(), 1);
  }
};

class MemoryLog : public RoomLog {
 public:
  /// `emptied` is called when the log gives up its last message, which may be while another one is appended to.
  /// Holds at most `bytes_max`, or what the budget allows a room if that is less.
  MemoryLog(TailBudget& budget, Committed committed, std::function<void()> emptied, std::size_t bytes_max = SIZE_MAX)
      : budget_(budget), committed_(std::move(committed)), emptied_(std::move(emptied)), bytes_max_(bytes_max) {}
  ~MemoryLog() override;

  void append(Batch batch) override;
  void append(const Slice& batch);
  void read(Seq from, Seq until, std::size_t bytes_max, std::function<void(LogRead)> then) override;
  void find_time(WallTime time, std::function<void(Seq)> then) override;
  void amendments(AmendmentsWish wish, std::function<void(Result<std::vector<std::string>>)> then) override;
  void pinned(std::function<void(Result<std::vector<Seq>>)> then) override;
  std::optional<WallTime> expire(WallTime now) override;
  /// Whoever reads that message from now on finds it erased; who was given it before has it. One that is to be appended
  /// is so from the start.
  void erase(Seq seq);
  [[nodiscard]] Seq last_committed() const override { return last_; }
  [[nodiscard]] Seq first_kept() const override;
  [[nodiscard]] bool is_durable() const override { return false; }
  [[nodiscard]] const std::string& trouble() const override;
  /// Nothing is held. Then first_kept() is behind last_committed().
  [[nodiscard]] bool empty() const { return slices_.empty(); }
  /// Of the oldest message that is held. REQUIRES: not empty.
  [[nodiscard]] WallTime first_time() const;

 private:
  void hold(const Slice& batch);
  [[nodiscard]] Slice without_erased(const Slice& slice) const;
  void erase(const std::vector<Seq>& seqs);
  [[nodiscard]] bool over_bounds() const;
  void make_room();
  MemoryLog* giver();
  void drop_oldest();

  TailBudget& budget_;
  Committed committed_;
  std::function<void()> emptied_;
  const std::size_t bytes_max_;
  std::list<MemoryLog*>::iterator place_;  // among the holders, while it holds something
  std::deque<Slice> slices_;               // one per chunk: batches of one chunk are merged
  std::set<Seq> erased_;                   // of what is held: it is blanked in copies, since others read the chunks
  MarkIndex marks_;
  Seq last_;
  std::size_t bytes_ = 0;  // of the chunks
};

}  // namespace hubbub::server
