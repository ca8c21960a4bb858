// Shared memory whose reader looks again and again.
#include "client/cli/ipc/machine.hpp"
#include "client/cli/ipc/ring_end.hpp"

namespace hubbub::ipc {

namespace {

/// Tells the processor that this is a loop that waits.
inline void relax() {
#if defined(__x86_64__) || defined(__i386__)
  __builtin_ia32_pause();
#elif defined(__aarch64__)
  asm volatile("yield");
#endif
}

struct Spin {
  static std::uint32_t until_not(const std::atomic<std::uint32_t>& word, std::uint32_t seen) {
    std::uint32_t now = 0;
    while ((now = word.load(std::memory_order_acquire)) == seen) relax();
    return now;
  }
  static void move(std::atomic<std::uint32_t>& word, std::uint32_t to) { word.store(to, std::memory_order_release); }
};

Result<Ends> open_spinning(std::size_t message_bytes) {
  if (usable_cpus() < 2)
    return fail(Status::unavailable, "needs two CPUs: on one, who spins only keeps the other from running");
  return open_rings<Spin>(message_bytes);
}

}  // namespace

extern const Mechanism spin_mechanism;
const Mechanism spin_mechanism = {
    "spin",
    "Shared memory, looked at without a pause: when each 100 ns count and both programs have a CPU to themselves. "
    "Waiting uses that up, and where others want it too, a message waits for whole time slices.",
    "",
    message_bytes_max,
    open_spinning,
};

}  // namespace hubbub::ipc
