// The log of one room: the seam between memory, disk and many machines (DESIGN, section 6).
//   Room --append(batch)--> RoomLog --committed(seq)--> Room: acknowledge, fan out
//   a reader behind --read(from)--> slices of whole frames
//
// Used on the room's home core only. An implementation that waits for a disk does so elsewhere and calls `committed`
// back on the home core, later, in order; append() itself never blocks.
#pragma once

#include <functional>
#include <memory>
#include <vector>

#include "server/fanout/chunk.hpp"

namespace hubbub::server {

inline constexpr Seq newest{UINT64_MAX};  ///< as `until`: to the end

/// What a read found.
struct LogRead {
  Seq first_kept;             ///< the oldest message that the log still has (1 in an empty log)
  std::vector<Slice> slices;  ///< from the asked seq, or first_kept if that is later; empty at the end of the log
};

class RoomLog {
 public:
  virtual ~RoomLog() = default;

  /// Takes the next messages. REQUIRES: batch.first is the one after the last that was appended.
  virtual void append(const Slice& batch) = 0;

  /// Reads messages `from` to `until`, about `bytes_max` of them but at least one if there is one, and gives them to
  /// `then`, now or later, on the home core.
  virtual void read(Seq from, Seq until, std::size_t bytes_max, std::function<void(LogRead)> then) = 0;

  /// The newest message that is committed; zero in an empty log.
  [[nodiscard]] virtual Seq last_committed() const = 0;
  [[nodiscard]] virtual Seq first_kept() const = 0;
};

/// Called on the home core whenever batches were committed: everything up to and with this seq.
using Committed = std::function<void(Seq)>;

}  // namespace hubbub::server
