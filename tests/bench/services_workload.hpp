// Calls of services through the hub: how long one takes, and how many there are in a second.
#pragma once

#include "tests/bench/workloads.hpp"

namespace hubbub::bench {

struct ServicesLoad {
  std::size_t calls = 2000;         ///< one after the other, of a running `hubbub serve --lines`
  std::size_t providers = 16;       ///< programs of the library's, which answer at once
  std::size_t callers = 4;          ///< connections
  std::size_t under_way = 64;       ///< calls of each at once
  std::size_t calls_max = 200'000;  ///< of all callers together
};
/// Figures: call_p50_us, ping_pong_p50_us (a message through the hub and one back, between two programs of the
/// library's), call_to_ping_pong (the ratio), calls_per_s.
Metrics run_services(const Lab& lab, const Contender& contender, const ServicesLoad& sizes);

}  // namespace hubbub::bench
