#include "common/ring/ring_reader.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <sched.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <bit>
#include <climits>
#include <utility>

namespace hubbub {

using ring::Mapping;

namespace {

/// How often a reader that is lapped looks at the waypoint before it gives up. A waypoint is good for three sixteenths
/// of a lap or more, so once is enough unless the reader stood still for so long between two loads.
constexpr int attempts_to_skip = 16;

/// How often a reader lets others run before it sleeps: about as long as falling asleep and being woken would take both
/// sides, so that waiting costs at most twice what it must (Karlin et al., "Empirical studies of competitive spinning
/// for a shared-memory multiprocessor", 1991). Under load hardly anybody sleeps, and the writer makes no system calls.
constexpr int yields_before_sleep = 32;

/// Of a ring's memory, if it is one.
Result<std::size_t> capacity_of(const Descriptor& memory) {
  const auto bytes = ring::check_memory(memory, ring::seals_of_ring);
  if (!bytes) return tl::unexpected(bytes.error());
  const auto capacity = *bytes - ring::head_bytes;  // beyond all bounds where it is smaller
  if (!std::has_single_bit(capacity) || capacity < ring::capacity_bytes_min || capacity > ring::capacity_bytes_max)
    return fail(Status::failed_precondition, fmt::format("shared memory of {} bytes is no ring", *bytes));
  return capacity;
}

Result<void> check_seat(const Descriptor& memory) {
  const auto bytes = ring::check_memory(memory, ring::seals_of_size);
  if (!bytes) return tl::unexpected(bytes.error());
  if (*bytes != ring::seat_bytes)
    return fail(Status::failed_precondition, fmt::format("shared memory of {} bytes is no reader's seat", *bytes));
  return {};
}

Result<void> check_bell(const Descriptor& bell) {
  struct stat about {};
  if (::fstat(bell.get(), &about) != 0 || !S_ISFIFO(about.st_mode))
    return fail(Status::failed_precondition, "a ring's bell is a pipe, and this is none");
  const int flags = ::fcntl(bell.get(), F_GETFL);
  if ((flags & O_NONBLOCK) == 0 && ::fcntl(bell.get(), F_SETFL, flags | O_NONBLOCK) != 0)
    return fail(Status::unavailable, "the ring's bell can't be made non-blocking");
  return {};
}

}  // namespace

Result<RingReader> RingReader::open(std::vector<Descriptor> descriptors) {
  if (descriptors.size() != ring::descriptor_count)
    return fail(Status::failed_precondition,
                fmt::format("a reader of a ring needs {} descriptors and got {}; ask for a new seat",
                            std::size_t{ring::descriptor_count}, descriptors.size()));
  const auto capacity = capacity_of(descriptors[ring::the_ring]);
  if (!capacity) return tl::unexpected(capacity.error());
  if (auto good = check_seat(descriptors[ring::the_seat]); !good) return tl::unexpected(good.error());
  if (auto good = check_bell(descriptors[ring::the_bell]); !good) return tl::unexpected(good.error());
  auto memory = Mapping::map(descriptors[ring::the_ring], ring::head_bytes + *capacity, Mapping::Access::read);
  if (!memory) return tl::unexpected(memory.error());
  auto seat = Mapping::map(descriptors[ring::the_seat], ring::seat_bytes, Mapping::Access::read_and_write);
  if (!seat) return tl::unexpected(seat.error());
  RingReader reader(std::move(*memory), std::move(*seat), std::move(descriptors[ring::the_bell]), *capacity);
  const bool is_ours = reader.head().magic == ring::magic && reader.head().capacity_bytes == *capacity &&
                       reader.position_ % ring::record_alignment == 0;
  if (!is_ours) return fail(Status::failed_precondition, "this shared memory is no ring of this version of hubbub");
  return reader;
}

RingReader::RingReader(Mapping ring, Mapping seat_mapping, Descriptor bell, std::size_t capacity_bytes)
    : ring_(std::move(ring)),
      seat_(std::move(seat_mapping)),
      bell_(std::move(bell)),
      capacity_bytes_(capacity_bytes),
      position_(seat().first_position),
      next_index_(seat().first_index),
      published_(position_) {}

void RingReader::make_room(std::size_t words) {
  copy_words_ = std::bit_ceil(words);
  copy_ = std::make_unique<std::uint64_t[]>(copy_words_);
}

Result<std::uint64_t> RingReader::skip() {
  for (int attempt = 0; attempt < attempts_to_skip; ++attempt) {
    const auto waypoint = head().waypoint.load(std::memory_order_acquire);
    published_ = head().published.load(std::memory_order_acquire);
    if (waypoint % ring::record_alignment != 0 || waypoint - position_ >= published_ - position_) return broken();
    const auto index = ring::load_head(records(), waypoint).index;
    if (is_overwritten(waypoint)) continue;
    if (waypoint == position_ || index <= next_index_) return broken();
    position_ = waypoint;
    return index - std::exchange(next_index_, index);
  }
  return broken();
}

tl::unexpected<Error> RingReader::broken() {
  return fail(Status::data_loss, "the ring's writer has broken it; ask for a new seat, and heal from the hub");
}

bool RingReader::prepare_to_sleep() {
  seat().asleep.store(1, std::memory_order_seq_cst);
  if (head().published.load(std::memory_order_seq_cst) == position_) return true;
  seat().asleep.store(0, std::memory_order_seq_cst);
  return false;
}

bool RingReader::wake_up() {
  seat().asleep.store(0, std::memory_order_seq_cst);
  char rings[64];
  return ::read(bell_.get(), rings, sizeof rings) != 0;
}

RingReader::Wake RingReader::wait(std::chrono::milliseconds limit) {
  using Clock = std::chrono::steady_clock;
  const auto until = Clock::now() + limit;
  for (int i = 0; i < yields_before_sleep && !look(); ++i) ::sched_yield();
  while (prepare_to_sleep()) {
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(until - Clock::now()).count();
    pollfd bell{bell_.get(), POLLIN, 0};
    const int told = ::poll(&bell, 1, static_cast<int>(std::clamp<std::int64_t>(left, 0, INT_MAX)));
    const bool open = wake_up();
    if (look()) break;
    if (told > 0 && !open) return Wake::closed;
    if (told == 0 || left <= 0) return Wake::timed_out;
  }
  return Wake::ready;
}

}  // namespace hubbub
