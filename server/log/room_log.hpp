// The log of one room: the seam between memory, disk and many machines (DESIGN, section 6).
//   Room --append(batch)--> RoomLog --committed(seq)--> Room: acknowledge, fan out
//   a reader behind --read(from)--> slices of whole frames
//
// Used on the room's home core only. An implementation that waits for a disk does so elsewhere and calls `committed`
// back on the home core, later, in order; append() itself never blocks.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "server/log/records.hpp"

namespace hubbub::server {

inline constexpr Seq newest{UINT64_MAX};  ///< as `until`: to the end

/// What a read found.
struct LogRead {
  Seq first_kept;                   ///< the oldest message that the log still has (1 in an empty log)
  std::vector<Slice> slices;        ///< from the asked seq, or first_kept if that is later; empty at the end of the log
  std::optional<Error> error = {};  ///< why nothing could be read, though there may be something
};

/// What was said after `behind` about messages in `targets`.
struct AmendmentsWish {
  struct Range {
    Seq first, last;
  };
  std::vector<Range> targets;
  Seq behind;
  std::size_t bytes_max = 0;  ///< the newest of it, if it is more, without what doesn't fit
};
/// So many are looked at, the newest.
inline constexpr std::size_t amendments_max = 4096;

class RoomLog {
 public:
  virtual ~RoomLog() = default;

  /// Takes the next messages. REQUIRES: batch.frames.first is the one after the last that was appended.
  virtual void append(Batch batch) = 0;

  /// Reads messages `from` to `until`, about `bytes_max` of them but at least one if there is one, and gives them to
  /// `then`, now or later, on the home core.
  virtual void read(Seq from, Seq until, std::size_t bytes_max, std::function<void(LogRead)> then) = 0;

  /// Gives `then` the first message of that time or later, or the one after the newest; now or later.
  virtual void find_time(WallTime time, std::function<void(Seq)> then) = 0;

  /// Gives `then` payloads of Deliveries, the oldest first, without those that are erased; now or later.
  virtual void amendments(AmendmentsWish wish, std::function<void(Result<std::vector<std::string>>)> then) = 0;
  /// Gives `then` the messages that are pinned now; now or later.
  virtual void pinned(std::function<void(Result<std::vector<Seq>>)> then) = 0;
  /// Told on the home core when what a message said is gone, and reads find it erased from then on.
  void on_erased(std::function<void(Seq)> told) { erased_ = std::move(told); }
  /// Erases what has expired by now, and gives back when the next message expires. A log that sees to that by itself
  /// has nothing to do.
  virtual std::optional<WallTime> expire(WallTime now) = 0;

  /// The newest message that is committed; zero in an empty log.
  [[nodiscard]] virtual Seq last_committed() const = 0;
  [[nodiscard]] virtual Seq first_kept() const = 0;
  /// What is appended outlives the hub.
  [[nodiscard]] virtual bool is_durable() const = 0;
  /// Why nothing can be committed now, though it is tried on and on; empty while all is well.
  [[nodiscard]] virtual const std::string& trouble() const = 0;

 protected:
  void tell_erased(Seq seq) const {
    if (erased_) erased_(seq);
  }

 private:
  std::function<void(Seq)> erased_;
};

/// Called on the home core whenever batches were committed: everything up to and with this seq.
using Committed = std::function<void(Seq)>;

}  // namespace hubbub::server
