#include <linux/futex.h>
#include <sys/syscall.h>

#include "common/ring/ring_reader.hpp"
#include "common/ring/ring_writer.hpp"
#include "tests/bench/percentile.hpp"
#include "tests/bench/ring_workloads.hpp"
#include "tests/bench/side_process.hpp"

namespace hubbub::bench {

namespace {

using namespace std::chrono_literals;

constexpr int turns = 10;  ///< of each: noise falls on both
/// From when a sleeper has been woken until it surely sleeps again.
constexpr auto falls_asleep = 100us;

/// What waker and sleeper tell each other.
struct Sleeps {
  alignas(128) std::atomic<std::uint32_t> futex{0};
  alignas(128) std::atomic<std::uint64_t> heard{0};  ///< how many wake-ups
  std::atomic<std::uint64_t> heard_at_ns{0};
};

void note(Sleeps& sleeps, std::uint64_t count) {
  sleeps.heard_at_ns.store(now_ns(), std::memory_order_relaxed);
  sleeps.heard.store(count, std::memory_order_release);
}

long futex(std::atomic<std::uint32_t>& word, int operation, std::uint32_t value) {
  return ::syscall(SYS_futex, &word, operation, value, nullptr, nullptr, 0);
}

class FutexSleep {
 public:
  void wake() {
    sleeps->futex.fetch_add(1);
    futex(sleeps->futex, FUTEX_WAKE, 1);
  }
  void sleep(std::uint64_t wakes) {
    for (std::uint32_t i = 0; i < wakes; note(*sleeps, ++i))
      while (sleeps->futex.load() == i) futex(sleeps->futex, FUTEX_WAIT, i);
  }
  Shared<Sleeps> sleeps;
};

class RingSleep {
 public:
  RingSleep() : writer_(std::move(RingWriter::make(1 << 16).value())) {
    const auto admission = writer_.add_reader().value();
    std::vector<Descriptor> descriptors;
    for (const int fd : admission.descriptors()) descriptors.emplace_back(::dup(fd));
    reader_ = std::move(RingReader::open(std::move(descriptors)).value());
  }
  void wake() { static_cast<void>(writer_.publish(std::as_bytes(std::span("wake up")))); }
  void sleep(std::uint64_t wakes) {
    for (std::uint64_t i = 0; i < wakes;) {
      static_cast<void>(reader_->wait(1s));
      static_cast<void>(reader_->poll([&](auto) { note(*sleeps, ++i); }, 1));
    }
  }
  Shared<Sleeps> sleeps;

 private:
  RingWriter writer_;
  std::optional<RingReader> reader_;
};

template <class Sleep>
void measure(const Lab& lab, std::uint64_t wakes, std::vector<double>& samples) {
  Sleep sleep;
  SideProcess sleeper([&] {
    pin_this_thread({lab.cores.generator()});
    sleep.sleep(wakes);
  });
  for (std::uint64_t i = 0; i < wakes; ++i) {
    for (const auto start = Clock::now(); Clock::now() - start < falls_asleep;) continue;
    const auto start_ns = now_ns();
    sleep.wake();
    const auto heard = [&] { return sleep.sleeps->heard.load(std::memory_order_acquire) > i; };
    while (!heard()) {
      const bool late = now_ns() - start_ns > 1'000'000;
      if (late && !sleeper.runs() && !heard()) throw Failed("a sleeper has ended too early");
    }
    samples.push_back(static_cast<double>(sleep.sleeps->heard_at_ns.load() - start_ns) * 1e-3);
  }
  sleeper.join();
}

}  // namespace

Metrics run_ring_wake(const Lab& lab) {
  pin_this_thread({lab.cores.server()});
  std::vector<double> ring;
  std::vector<double> bare;
  for (int turn = 0; turn < turns; ++turn) {
    measure<RingSleep>(lab, lab.round_trips / 2 / turns, ring);
    measure<FutexSleep>(lab, lab.round_trips / 2 / turns, bare);
  }
  pin_this_thread({lab.cores.generator()});
  const auto ring_us = percentile(ring, 0.5);
  const auto bare_us = percentile(bare, 0.5);
  return {{"ring_p50_us", ring_us}, {"futex_p50_us", bare_us}, {"ratio", ring_us / bare_us}};
}

}  // namespace hubbub::bench
