// The log of a transient room: the tail of its stream, in the very chunks that the fan-out sends from.
//   append --> [slice][slice][slice] --trim--> gone
// A batch is committed as soon as it is appended. Bounded by messages and by the memory that its chunks take; all logs
// of a core together by a budget: where that is used up, whoever appends gives up its own oldest messages first.
#pragma once

#include <deque>

#include "server/log/room_log.hpp"

namespace hubbub::server {

struct TailBounds {
  std::uint64_t messages_max = 0;   ///< per room
  std::size_t bytes_max = 0;        ///< per room; the newest chunk is kept even if it alone is larger
  std::size_t total_bytes_max = 0;  ///< all rooms of the core
};

/// Shared by all logs of one core.
struct TailBudget {
  TailBounds bounds;
  std::size_t used_bytes = 0;
};

class MemoryLog : public RoomLog {
 public:
  MemoryLog(TailBudget& budget, Committed committed) : budget_(budget), committed_(std::move(committed)) {}
  ~MemoryLog() override;

  void append(const Slice& batch) override;
  void read(Seq from, Seq until, std::size_t bytes_max, std::function<void(LogRead)> then) override;
  [[nodiscard]] Seq last_committed() const override { return last_; }
  [[nodiscard]] Seq first_kept() const override;

 private:
  [[nodiscard]] bool over_bounds() const;
  void drop_oldest();

  TailBudget& budget_;
  Committed committed_;
  std::deque<Slice> slices_;  // one per chunk: batches of one chunk are merged
  Seq last_;
  std::size_t bytes_ = 0;  // of the chunks
};

}  // namespace hubbub::server
