// The bytes of a ring: what the writer and its readers agree on.
//
//   publish --> | head | … 11 | 12 | 13 | 14 | 15 … | --> poll, poll, poll     one writer, any number of readers
//                                ^              ^
//                         a reader's place   published
//
// The writer waits for nobody. It writes a message over the oldest ones, and who hasn't read those yet is lapped,
// notices it, and learns exactly how many messages it has missed. A reader copies a message out and then looks whether
// it was overwritten meanwhile: a sequence lock, whose payload is atomic words, so that the C++ memory model has a say
// in it (Boehm, "Can seqlocks get along with programming language memory models?", 2012). The places are those of
// Aeron's broadcast buffer:
//   claimed    whatever lies more than a ring's capacity before it may be overwritten at any time
//   published  all records before it are whole
//   waypoint   where some record begins that is far from being overwritten: here a lapped reader goes on
// A place is a number of bytes since the ring began. It never wraps (2^64 bytes), its place in memory does.
//
// A reader has three descriptors:
//   the ring   a memfd, the same for all. Sealed: nobody else maps it to write (F_SEAL_FUTURE_WRITE), nobody resizes
//              it, and no seal comes off. A reader checks that, and so needn't fear a SIGBUS.
//   its seat   a memfd of one page that this reader and the writer share: where it begins, and whether it sleeps, which
//              it can't say in the ring. Sealed in its size. The writer takes any value as "sleeps" or "doesn't", and
//              puts it back: with its seat a reader can cost a system call a flush, and deprive only itself.
//   its bell   the reading end of a pipe, into which the writer puts a byte for a reader that sleeps. Fit for poll(2);
//              and it tells either side that the other has died. Not an eventfd: that has one set of flags for all who
//              hold it, so a reader could take O_NONBLOCK off, fill it up, and hold up the writer. Not a futex, on
//              which no poll(2) waits, and which dies in silence. All three wake equally fast.
//
// No wake-up is lost. A reader that is about to sleep stores `asleep` and then looks at `published`; the writer stores
// `published` and then looks at `asleep`. All four are sequentially consistent, so at least one sees what the other
// stored: the reader stays up, or the writer rings. A ring that comes late, for a reader that stayed up, wakes it once
// in vain. Whoever is woken says `asleep` and looks again before it sleeps on, so a byte too few can't be read.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>

namespace hubbub::ring {

/// A position, a length or eight bytes of a message. Atomic for processes too, which a lock would not be.
using Word = std::atomic<std::uint64_t>;
inline constexpr std::size_t word_bytes = 8;
static_assert(Word::is_always_lock_free && sizeof(Word) == word_bytes);

inline constexpr std::uint64_t magic = 0x31676e6972627568;  // "hubring1"

/// Processors fetch cache lines in pairs. What is written often is alone in one.
inline constexpr std::size_t line_bytes = 128;

struct Head {
  std::uint64_t magic = 0;
  std::uint64_t capacity_bytes = 0;
  alignas(line_bytes) Word claimed{0};
  alignas(line_bytes) Word published{0};
  alignas(line_bytes) Word waypoint{0};
};

/// Before the records; a page of most machines. It makes the memory's size one that a memfd of huge pages, which can be
/// missing when they are touched, can't have.
inline constexpr std::size_t head_bytes = 4096;
static_assert(sizeof(Head) <= head_bytes);

/// A reader's seat.
struct Seat {
  std::uint64_t first_position = 0;  ///< where it begins to read: set by the writer before it is handed out
  std::uint64_t first_index = 0;     ///< of the message there
  alignas(line_bytes) std::atomic<std::uint32_t> asleep{0};
};
inline constexpr std::size_t seat_bytes = 4096;
static_assert(sizeof(Seat) <= seat_bytes && std::atomic<std::uint32_t>::is_always_lock_free);

// A record: the message's index (0, 1, 2 …), its length in bytes, the message, and room up to where the next one may
// begin. In words, so that it may go on at the beginning of the memory.
inline constexpr std::size_t record_head_bytes = 2 * word_bytes;
inline constexpr std::size_t record_alignment = record_head_bytes;
constexpr std::size_t record_bytes(std::size_t message_bytes) {
  return record_head_bytes + (message_bytes + record_alignment - 1) / record_alignment * record_alignment;
}

/// A power of two, so that a place is masked.
inline constexpr std::size_t capacity_bytes_min = 4096;
inline constexpr std::size_t capacity_bytes_max = std::size_t{1} << 30;

// Shares of the capacity. The writer claims more at once than it needs, so that the readers' copies of `claimed` stay
// valid for a while.
inline constexpr std::size_t record_share = 4;    ///< of one record, and of what is put but not flushed
inline constexpr std::size_t claim_share = 16;    ///< claimed ahead
inline constexpr std::size_t waypoint_share = 4;  ///< from one waypoint to the next record that may be one
// The oldest byte that may be overwritten lies behind the waypoint: claimed - published and published - waypoint, at
// most.
static_assert((1.0 / record_share + 1.0 / claim_share) + (1.0 / waypoint_share + 1.0 / record_share) < 1);

constexpr std::size_t message_bytes_max(std::size_t capacity_bytes) {
  return capacity_bytes / record_share - record_head_bytes;
}

/// The order in which add_reader() gives descriptors and RingReader::open() takes them.
enum Which : std::size_t { the_ring, the_seat, the_bell, descriptor_count };

}  // namespace hubbub::ring
