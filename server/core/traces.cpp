#include "server/core/traces.hpp"

#include <algorithm>
#include <numeric>

#include "common/clock.hpp"

namespace hubbub::server {

namespace {

WallTime now() { return SystemClock().wall_now(); }

}  // namespace

void Traces::numbered(RoomId room, Seq seq, const Trace& trace) {
  auto& entry = entries_[next_];
  next_ = (next_ + 1) % traces_max;
  if (!entry.is_under_way()) ++under_way_;
  entry = {room, seq, trace};
  entry.trace.numbered = now();
}

void Traces::logged() {
  if (under_way_ == 0) return;
  const auto time = now();
  for (auto& entry : entries_)
    if (entry.is_under_way() && entry.trace.logged == WallTime{}) entry.trace.logged = time;
}

void Traces::committed(const Slice& slice, const std::vector<std::uint32_t>& subscribers_by_core) {
  if (under_way_ == 0) return;
  const auto readers = std::accumulate(subscribers_by_core.begin(), subscribers_by_core.end(), std::uint32_t{0});
  note(slice, [time = now(), readers](Trace& trace) {
    trace.committed = time;
    trace.readers = readers;
  });
}

void Traces::fanned_out(const Slice& slice) {
  if (under_way_ == 0) return;
  note(slice, [this, time = now()](Trace& trace) {
    trace.fanned_out = time;
    --under_way_;
  });
}

template <class Note>
void Traces::note(const Slice& slice, Note note) {
  for (auto& entry : entries_) {
    const bool in_slice = entry.room == slice.room && slice.first <= entry.seq && entry.seq <= slice.last;
    if (in_slice && entry.is_under_way()) note(entry.trace);
  }
}

const Traces::Trace* Traces::find(RoomId room, Seq seq) const {
  const auto found =
      std::ranges::find_if(entries_, [&](const Entry& entry) { return entry.room == room && entry.seq == seq; });
  return found == entries_.end() || found->is_under_way() ? nullptr : &found->trace;
}

}  // namespace hubbub::server
