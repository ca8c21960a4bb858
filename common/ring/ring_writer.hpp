// The writer's side of a ring: messages go in, and whoever sleeps is woken. How it works stands in layout.hpp.
//   put, put, put … flush --> all of them visible at once; one byte into the bell of each reader that sleeps
//   publish               --> put and flush
// Never waits, whatever the readers do. A message costs no system call, a sleeping reader one a flush.
// Knows no socket: who asked for a seat is the caller's business. Not thread-safe.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "common/descriptor.hpp"
#include "common/ring/layout.hpp"
#include "common/ring/memory.hpp"
#include "common/ring/words.hpp"
#include "proto/status.hpp"

namespace hubbub {

class RingWriter {
 public:
  using ReaderId = std::uint64_t;
  /// Each has a descriptor and a page with the writer, and is looked at in each flush.
  static constexpr std::size_t readers_max = 256;

  /// What a reader needs, to be sent to it (`descriptors`, see common/fd_passing.hpp) and then let go.
  struct Admission {
    ReaderId id = 0;
    int ring = -1;  ///< the writer's
    Descriptor seat;
    Descriptor bell;
    /// In the order that RingReader::open() wants. Valid as long as this and the writer.
    [[nodiscard]] std::array<int, ring::descriptor_count> descriptors() const { return {ring, seat.get(), bell.get()}; }
  };

  /// `capacity_bytes`: a power of two from ring::capacity_bytes_min to …_max, all of it allocated at once. Fails with
  /// invalid_argument, resource_exhausted or unavailable.
  /// REQUIRES: SIGPIPE is ignored or blocked (block_signals()): a reader may die before its bell is rung.
  static Result<RingWriter> make(std::size_t capacity_bytes);

  /// Copies the message into the ring, to be seen with the next flush. Flushes by itself where much has been put (a
  /// quarter of the capacity). Fails with out_of_range, changing nothing, where it is larger than message_bytes_max().
  Result<void> put(std::span<const std::byte> message);
  void flush();
  Result<void> publish(std::span<const std::byte> message);

  /// The new reader gets every message that is flushed from now on. Fails with resource_exhausted or unavailable.
  Result<Admission> add_reader();
  /// Its bell tells it of its end. One that isn't there (any more) is nothing to complain about: readers that have
  /// closed their bell, or died, are let go by themselves when they should be woken.
  void remove_reader(ReaderId id);
  [[nodiscard]] std::size_t readers() const { return readers_.size(); }

  [[nodiscard]] std::size_t message_bytes_max() const { return ring::message_bytes_max(capacity_bytes_); }

 private:
  struct Reader {
    ReaderId id = 0;
    ring::Mapping seat;
    Descriptor bell;
  };

  RingWriter(Descriptor memory, ring::Mapping mapping, std::size_t capacity_bytes);
  [[nodiscard]] ring::Head& head() const { return *reinterpret_cast<ring::Head*>(mapping_.data()); }
  [[nodiscard]] ring::Records<ring::Word> records() const {
    return {reinterpret_cast<ring::Word*>(mapping_.data() + ring::head_bytes), capacity_bytes_ / ring::word_bytes};
  }
  void claim(std::uint64_t end);
  void wake_sleepers();

  Descriptor memory_;
  ring::Mapping mapping_;
  std::size_t capacity_bytes_;
  std::uint64_t claimed_ = 0;
  std::uint64_t tail_ = 0;        ///< where the next record begins
  std::uint64_t next_index_ = 0;  ///< of the next message
  std::uint64_t published_ = 0;
  std::uint64_t published_index_ = 0;  ///< of the message at published_
  std::uint64_t waypoint_ = 0;         ///< told to the readers with the next flush
  std::vector<Reader> readers_;
  ReaderId last_id_ = 0;
};

}  // namespace hubbub
