// Shared memory whose reader sleeps in the kernel while there is nothing, and only then costs system calls.
#include <linux/futex.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "client/cli/ipc/ring_end.hpp"

namespace hubbub::ipc {

namespace {

/// Not FUTEX_PRIVATE_FLAG, and so not std::atomic::wait either: that is for the threads of one process.
long futex(std::atomic<std::uint32_t>& word, int operation, std::uint32_t value) {
  return ::syscall(SYS_futex, &word, operation, value, nullptr, nullptr, 0);
}

/// The mark of who sleeps is in the word itself. So whoever moves takes it off in the same step, and who is about to
/// sleep notices that: with a flag beside the word, a move could take off the mark for the next one, and that would
/// wake nobody.
struct Sleep {
  static constexpr std::uint32_t asleep = 1;
  static_assert(asleep < position_step);

  static std::uint32_t until_not(std::atomic<std::uint32_t>& word, std::uint32_t seen) {
    while (true) {
      auto now = word.load();
      if ((now & ~asleep) != seen) return now & ~asleep;
      if (now == (seen | asleep) || word.compare_exchange_strong(now, seen | asleep))
        futex(word, FUTEX_WAIT, seen | asleep);
    }
  }
  static void move(std::atomic<std::uint32_t>& word, std::uint32_t to) {
    if ((word.exchange(to) & asleep) != 0) futex(word, FUTEX_WAKE, 1);
  }
};

}  // namespace

extern const Mechanism futex_mechanism;
const Mechanism futex_mechanism = {
    "futex",
    "Shared memory, sleeping while there is nothing: for much data between programs that trust each other; the kernel "
    "copies none of it and is asked only to sleep and to wake.",
    "",
    message_bytes_max,
    open_rings<Sleep>,
};

}  // namespace hubbub::ipc
