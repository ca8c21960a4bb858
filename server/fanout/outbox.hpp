// What one session still has to be sent: a queue of slices, nothing of it copied.
//   fan-out, replies --push--> Outbox --write_to--> the socket
//
// Bounded by what it pins, not by what it sends: a slice of ten bytes keeps its whole chunk in memory. Over the bound
// the session drops the deliveries in it and reads them again from the log, later, at its own pace (DESIGN, promise 5).
#pragma once

#include <cstddef>
#include <string_view>
#include <utility>
#include <vector>

#include "common/stream.hpp"
#include "server/fanout/chunk.hpp"

namespace hubbub::server {

class Outbox {
 public:
  /// Queues a slice; merges it with the one before where it lies right behind it. Cost: one reference, at most.
  void push(const Slice& slice);
  /// Queues frames for this session alone. They lie together in a chunk that no other session holds.
  void push_own(std::string_view frames);

  /// Writes until the socket takes no more, or all is written (then the memory is given back).
  IoResult write_to(Stream& stream);

  [[nodiscard]] bool empty() const { return head_ == slices_.size(); }
  /// Memory that is kept alive by what waits here.
  [[nodiscard]] std::size_t pinned_bytes() const { return pinned_bytes_; }
  /// Bytes of frames for this session alone: answers that it doesn't read.
  [[nodiscard]] std::size_t own_bytes() const { return own_bytes_; }

  /// Queues a frame that other sessions get too, as one for this session alone: it isn't dropped.
  void push_shared(const Slice& frame);

  /// Drops the deliveries for which `drop(slice)` says so; it is asked in order, once for each, and doesn't touch this
  /// outbox. The frame that is partly written already is finished and not asked for. Frames for this session alone
  /// stay.
  template <class Drop>
  void drop_deliveries(Drop&& drop);
  /// The frame that is partly written counts as unwritten. REQUIRES: nothing is written any more.
  void take_back_begun();

 private:
  void consume(std::size_t bytes);
  void pop_head();
  void trim_head();
  void split_head();
  [[nodiscard]] std::size_t pins(std::size_t at) const;
  void account(std::size_t at);
  void count_again();

  std::vector<Slice> slices_;  // from head_ on; the ones before are spent
  std::size_t head_ = 0;
  std::size_t written_ = 0;  // of the head slice; zero if there is none
  std::size_t pinned_bytes_ = 0;
  std::size_t own_bytes_ = 0;
  ChunkRef own_;  // where the next own frames go
  std::uint32_t own_used_ = 0;
};

template <class Drop>
void Outbox::drop_deliveries(Drop&& drop) {
  split_head();
  auto kept = slices_.begin();
  for (auto at = head_; at < slices_.size(); ++at) {
    const bool partly_written = at == head_ && written_ > 0;
    if (!partly_written && slices_[at].room.value != 0 && drop(std::as_const(slices_[at]))) continue;
    if (kept != slices_.begin() + static_cast<std::ptrdiff_t>(at)) *kept = std::move(slices_[at]);
    ++kept;
  }
  slices_.erase(kept, slices_.end());
  count_again();
}

}  // namespace hubbub::server
