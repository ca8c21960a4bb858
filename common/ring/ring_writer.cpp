#include "common/ring/ring_writer.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <bit>
#include <cerrno>
#include <cstring>
#include <new>

namespace hubbub {

using ring::Mapping;

Result<RingWriter> RingWriter::make(std::size_t capacity_bytes) {
  if (!std::has_single_bit(capacity_bytes) || capacity_bytes < ring::capacity_bytes_min ||
      capacity_bytes > ring::capacity_bytes_max)
    return fail(Status::invalid_argument,
                fmt::format("a ring's capacity is a power of two from {} to {} bytes, not {}", ring::capacity_bytes_min,
                            ring::capacity_bytes_max, capacity_bytes));
  const auto bytes = ring::head_bytes + capacity_bytes;
  auto memory = ring::make_memory("hubbub ring", bytes);
  if (!memory) return tl::unexpected(std::move(memory.error()));
  auto mapping = Mapping::map(*memory, bytes, Mapping::Access::read_and_write);
  if (!mapping) return tl::unexpected(std::move(mapping.error()));
  auto* const head = new (mapping->data()) ring::Head;
  head->magic = ring::magic;
  head->capacity_bytes = capacity_bytes;
  if (auto sealed = ring::seal(*memory, ring::seals_of_ring); !sealed) return tl::unexpected(std::move(sealed.error()));
  return RingWriter(std::move(*memory), std::move(*mapping), capacity_bytes);
}

RingWriter::RingWriter(Descriptor memory, Mapping mapping, std::size_t capacity_bytes)
    : memory_(std::move(memory)), mapping_(std::move(mapping)), capacity_bytes_(capacity_bytes) {}

Result<void> RingWriter::put(std::span<const std::byte> message) {
  if (message.size() > message_bytes_max())
    return fail(Status::out_of_range, fmt::format("a message of {} bytes is too large for this ring, which takes {}",
                                                  message.size(), message_bytes_max()));
  const auto end = tail_ + ring::record_bytes(message.size());
  if (end - published_ > capacity_bytes_ / ring::record_share) flush();
  if (end > claimed_) claim(end);
  if (tail_ - waypoint_ >= capacity_bytes_ / ring::waypoint_share) waypoint_ = tail_;
  ring::store_record(records(), tail_, next_index_, message);
  tail_ = end;
  ++next_index_;
  return {};
}

/// Said before the first byte is overwritten: what store_record() stores are releases.
void RingWriter::claim(std::uint64_t end) {
  claimed_ = end + capacity_bytes_ / ring::claim_share;
  head().claimed.store(claimed_, std::memory_order_release);
}

void RingWriter::flush() {
  if (tail_ == published_) return;
  published_ = tail_;
  published_index_ = next_index_;
  head().published.store(published_, std::memory_order_seq_cst);
  head().waypoint.store(waypoint_,
                        std::memory_order_release);  // afterwards: a waypoint is the beginning of a whole record
  wake_sleepers();
}

Result<void> RingWriter::publish(std::span<const std::byte> message) {
  auto done = put(message);
  flush();
  return done;
}

void RingWriter::wake_sleepers() {
  bool somebody_left = false;
  for (auto& reader : readers_) {
    auto& asleep = reinterpret_cast<ring::Seat*>(reader.seat.data())->asleep;
    if (asleep.load(std::memory_order_seq_cst) == 0) continue;
    asleep.store(0, std::memory_order_seq_cst);
    const char ring = 1;
    const bool rung = ::write(reader.bell.get(), &ring, sizeof ring) == sizeof ring;
    if (rung || errno != EPIPE) continue;  // EAGAIN: a bell that is full of rings is rung
    reader.bell = Descriptor();
    somebody_left = true;
  }
  if (somebody_left) std::erase_if(readers_, [](const Reader& reader) { return !reader.bell.is_open(); });
}

Result<RingWriter::Admission> RingWriter::add_reader() {
  if (readers_.size() >= readers_max)
    return fail(Status::resource_exhausted, fmt::format("the ring has {} readers, which is all it takes", readers_max));
  auto seat = ring::make_memory("hubbub ring seat", ring::seat_bytes);
  if (!seat) return tl::unexpected(std::move(seat.error()));
  if (auto sealed = ring::seal(*seat, ring::seals_of_size); !sealed) return tl::unexpected(std::move(sealed.error()));
  auto mapping = Mapping::map(*seat, ring::seat_bytes, Mapping::Access::read_and_write);
  if (!mapping) return tl::unexpected(std::move(mapping.error()));
  int pipe[2];
  if (::pipe2(pipe, O_CLOEXEC | O_NONBLOCK) != 0)
    return fail(Status::unavailable, fmt::format("can't make a pipe for a reader ({})", std::strerror(errno)));
  Descriptor hears(pipe[0]);
  Descriptor rings(pipe[1]);

  auto* const start = new (mapping->data()) ring::Seat;
  start->first_position = published_;
  start->first_index = published_index_;
  readers_.push_back({++last_id_, std::move(*mapping), std::move(rings)});
  return Admission{last_id_, memory_.get(), std::move(*seat), std::move(hears)};
}

void RingWriter::remove_reader(ReaderId id) {
  std::erase_if(readers_, [id](const Reader& reader) { return reader.id == id; });
}

}  // namespace hubbub
