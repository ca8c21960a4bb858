// What was read from a log for a queue group and isn't handed out yet.
//   log --begin .. put--> slice --take--> one message
//   a message that is erased --erased--> it and all behind it are read again
// Pure.
#pragma once

#include <algorithm>

#include "server/fanout/chunk.hpp"
#include "server/log/room_log.hpp"

namespace hubbub::server {

class ReadAhead {
 public:
  [[nodiscard]] bool has(Seq seq) const { return slice_.chunk && slice_.first <= seq && seq <= slice_.last; }
  /// Lets go of what is before it, too. REQUIRES: has(seq).
  Slice take(Seq seq) {
    auto one = slice_.part(seq, seq, 1);
    slice_ = seq == slice_.last ? Slice{} : slice_.part(seq.next(), slice_.last, SIZE_MAX);
    return one;
  }

  /// The log is asked for messages from `first` on.
  void begin(Seq first) {
    asked_ = first;
    stale_ = newest;
  }
  /// What it has answered. Of that, nothing from the first message on that was erased meanwhile.
  void put(const Slice& found) { slice_ = before(found, stale_); }
  void erased(Seq seq) {
    if (has(seq)) slice_ = before(slice_, seq);
    if (seq >= asked_) stale_ = std::min(stale_, seq);
  }

 private:
  static Slice before(const Slice& slice, Seq seq) {
    if (seq <= slice.first) return {};
    return seq > slice.last ? slice : slice.part(slice.first, seq.previous(), SIZE_MAX);
  }

  Slice slice_;
  Seq asked_;
  Seq stale_ = newest;
};

}  // namespace hubbub::server
