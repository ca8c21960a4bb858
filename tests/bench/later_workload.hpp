// Messages that are posted later: how late they come, and what those that wait cost.
#pragma once

#include "tests/bench/workloads.hpp"

namespace hubbub::bench {

struct LaterLoad {
  std::uint64_t due = 10'000;         ///< spread over one second, and as many again at one moment
  std::uint64_t pending = 1'000'000;  ///< that wait for a day
};
/// Figures: p50_late_ms, p99_late_ms and latest_ms (from when each is due to the time that the hub gives it) of those
/// of one second, at_once_latest_ms of those of one moment; pending_memory_mb (of those that wait), start_ms (with
/// them).
Metrics run_later(const Lab& lab, const Contender& contender, const LaterLoad& sizes);

}  // namespace hubbub::bench
