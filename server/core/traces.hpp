// When traced messages passed this core: the newest few of the rooms that have their home here, for room.trace.
//   numbered --> logged --> committed --> fanned_out     each notes the time
// Where nothing is traced each of these costs one comparison. By the machine's clock, not the tick's: the time within a
// tick is what is asked for.
#pragma once

#include <array>
#include <vector>

#include "proto/methods/rooms.hpp"
#include "server/fanout/chunk.hpp"

namespace hubbub::server {

class Traces {
 public:
  using Trace = proto::RoomTrace::Reply;
  /// The oldest makes room for a new one.
  static constexpr std::size_t traces_max = 256;

  /// `trace` as far as it is known.
  void numbered(RoomId room, Seq seq, const Trace& trace);
  /// All that was numbered is being given to the log.
  void logged();
  void committed(const Slice& slice, const std::vector<std::uint32_t>& subscribers_by_core);
  void fanned_out(const Slice& slice);

  /// Of a message that was fanned out; null where nothing is known (any more).
  [[nodiscard]] const Trace* find(RoomId room, Seq seq) const;

 private:
  struct Entry {
    RoomId room;
    Seq seq;
    Trace trace;
    [[nodiscard]] bool is_under_way() const { return seq != Seq{} && trace.fanned_out == WallTime{}; }
  };
  template <class Note>
  void note(const Slice& slice, Note note);

  std::array<Entry, traces_max> entries_;  // never too little memory for a message that has its number already
  std::size_t next_ = 0;
  std::size_t under_way_ = 0;
};

}  // namespace hubbub::server
