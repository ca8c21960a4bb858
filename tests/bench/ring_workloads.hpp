// What the ring of common/ring does, beside a bare ring and a bare futex, in processes of their own and in the same
// run.
#pragma once

#include "tests/bench/workloads.hpp"

namespace hubbub::bench {

/// One writer to so many readers, as fast as the slowest of them reads: nothing is lost, and every message is checked.
/// Figures: ring_per_s and bare_per_s (messages received, by all together), ratio.
struct RingLoad {
  std::size_t readers = 1;
  std::size_t batch = 1;  ///< messages put for each flush
};
Metrics run_ring(const Lab& lab, const RingLoad& load);

/// From just before a message is published, or a futex is woken, until the one who slept for it has it; on two cores.
/// Figures: ring_p50_us, futex_p50_us, ratio.
Metrics run_ring_wake(const Lab& lab);

}  // namespace hubbub::bench
