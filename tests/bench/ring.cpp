#include <sched.h>

#include <functional>

#include "common/ring/ring_reader.hpp"
#include "common/ring/ring_writer.hpp"
#include "tests/bench/bare_ring.hpp"
#include "tests/bench/ring_workloads.hpp"
#include "tests/bench/side_process.hpp"

namespace hubbub::bench {

namespace {

using namespace std::chrono_literals;

constexpr std::size_t readers_max = 16;
/// How far the writer may be ahead of the slowest reader: half of what the rings hold.
constexpr std::uint64_t window = ring_capacity_bytes / ring::record_bytes(ring_message_bytes) / 2;
constexpr std::uint64_t poll_messages = 256;
/// How often the writer lets others run before it looks whether its readers are still there.
constexpr std::size_t look_after_yields = 1000;

struct alignas(128) Count {
  std::atomic<std::uint64_t> value{0};
};
/// How many messages each reader has got.
using Progress = std::array<Count, readers_max>;

RingMessage message_of(std::uint64_t number, bool is_last) {
  RingMessage message{};
  message.front() = number;
  message[1] = is_last ? 1 : 0;
  message.back() = ~number;
  return message;
}

/// Of one reader: every message, in order.
class Check {
 public:
  void take(const RingMessage& message) {
    if (message.front() != next_ || message.back() != ~next_) throw Failed("a message is missing, or torn");
    ++next_;
    ended_ = message[1] != 0;
  }
  [[nodiscard]] std::uint64_t taken() const { return next_; }
  [[nodiscard]] bool ended() const { return ended_; }

 private:
  std::uint64_t next_ = 0;
  bool ended_ = false;
};

template <class T>
T value_of(Result<T> result) {
  if (!result) throw Failed(result.error().sentence);
  return std::move(*result);
}

/// The ring. Readers sleep when there is nothing.
class OurRing {
 public:
  explicit OurRing(std::size_t readers) {
    for (std::size_t i = 0; i < readers; ++i) readers_.push_back(open_reader());
  }
  void put(const RingMessage& message) {
    if (!writer_.put(std::as_bytes(std::span(message)))) throw Failed("the ring refuses a message");
  }
  void flush() { writer_.flush(); }

  void read(std::size_t index, std::atomic<std::uint64_t>& progress) {
    auto& reader = readers_[index];
    Check check;
    const auto each = [&](std::span<const std::byte> bytes) {
      if (bytes.size() != ring_message_bytes) throw Failed("a message has another length");
      check.take(*reinterpret_cast<const RingMessage*>(bytes.data()));  // words, as the reader has copied them
    };
    while (!check.ended()) {
      const auto polled = value_of(reader.poll(each, poll_messages));
      if (polled.missed > 0) throw Failed("a reader was lapped");
      progress.store(check.taken(), std::memory_order_release);
      if (polled.messages == 0) static_cast<void>(reader.wait(1s));
    }
  }

 private:
  RingReader open_reader() {
    const auto admission = value_of(writer_.add_reader());
    std::vector<Descriptor> descriptors;
    for (const int fd : admission.descriptors()) descriptors.emplace_back(::dup(fd));
    return value_of(RingReader::open(std::move(descriptors)));
  }

  RingWriter writer_ = value_of(RingWriter::make(ring_capacity_bytes));
  std::vector<RingReader> readers_;
};

/// The bare one. Readers let others run when there is nothing.
class OnlyRing {
 public:
  explicit OnlyRing(std::size_t) {}
  void put(const RingMessage& message) { written_ = ring_->put(written_, std::as_bytes(std::span(message))); }
  void flush() { ring_->published.store(written_, std::memory_order_release); }

  void read(std::size_t, std::atomic<std::uint64_t>& progress) {
    Check check;
    RingMessage message;
    std::uint64_t position = 0;
    while (!check.ended()) {
      const auto published = ring_->published.load(std::memory_order_acquire);
      if (published == position) ::sched_yield();
      for (auto i = poll_messages; i > 0 && position != published; --i) {
        std::size_t length = 0;
        position = ring_->get(position, std::as_writable_bytes(std::span(message)), length);
        if (length != ring_message_bytes) throw Failed("a message has another length");
        check.take(message);
      }
      progress.store(check.taken(), std::memory_order_release);
    }
  }

 private:
  Shared<BareRing> ring_;
  std::uint64_t written_ = 0;
};

std::uint64_t slowest(const Progress& progress, std::size_t readers) {
  std::uint64_t least = progress[0].value.load(std::memory_order_acquire);
  for (std::size_t i = 1; i < readers; ++i) least = std::min(least, progress[i].value.load(std::memory_order_acquire));
  return least;
}

/// Messages received per second, by all readers together.
template <class Ring>
double received_per_s(const Lab& lab, const RingLoad& load) {
  Ring ring(load.readers);
  Shared<Progress> progress;
  std::vector<SideProcess> readers;
  for (std::size_t i = 0; i < load.readers; ++i)
    readers.emplace_back([&, i] {
      if (load.readers == 1) pin_this_thread({lab.cores.generator()});
      ring.read(i, (*progress)[i].value);
    });
  const auto start = Clock::now();
  std::uint64_t written = 0;
  for (bool is_last = false; !is_last;) {
    is_last = seconds_since(start) > lab.seconds;
    for (std::size_t yields = 1; written + load.batch > slowest(*progress, load.readers) + window; ++yields) {
      if (yields % look_after_yields == 0)
        for (const auto& reader : readers)
          if (!reader.runs()) throw Failed("a reader has ended too early");
      ::sched_yield();
    }
    for (std::size_t i = 0; i < load.batch; ++i, ++written)
      ring.put(message_of(written, is_last && i + 1 == load.batch));
    ring.flush();
  }
  for (auto& reader : readers) reader.join();
  return static_cast<double>(written * load.readers) / seconds_since(start);
}

}  // namespace

Metrics run_ring(const Lab& lab, const RingLoad& load) {
  pin_this_thread(load.readers == 1 ? std::vector{lab.cores.server()} : lab.cores.all);
  const auto ring = received_per_s<OurRing>(lab, load);
  const auto bare = received_per_s<OnlyRing>(lab, load);
  pin_this_thread({lab.cores.generator()});
  return {{"ring_per_s", ring}, {"bare_per_s", bare}, {"ratio", ring / bare}};
}

}  // namespace hubbub::bench
