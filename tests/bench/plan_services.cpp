#include "tests/bench/plan_rows.hpp"
#include "tests/bench/services_workload.hpp"

namespace hubbub::bench {

using enum Bar::Sense;

void add_services(std::vector<Workload>& plan, const Sizes& sizes) {
  const ServicesLoad load = sizes.services;
  plan.push_back({.id = "services",
                  .family = "services",
                  .title = "calls of services: one by one of `hubbub serve --lines`, and " +
                           std::to_string(load.callers * load.under_way) + " at once of " +
                           std::to_string(load.providers) + " providers",
                  .contenders = {"hubbub"},
                  .columns = {{"call_p50_us", "call p50 us", 1, 0},
                              {"ping_pong_p50_us", "ping-pong us", 1, 0},
                              {"call_to_ping_pong", "ratio", 1, 2},
                              {"calls_per_s", "calls k/s", 1e-3, 1}},
                  .bars = {{"call_to_ping_pong", at_most, 2, ""}, {"calls_per_s", at_least, 50'000, ""}},
                  .run_one = [load](const Lab& lab, const Contender& one) { return run_services(lab, one, load); },
                  .run_together = {}});
}

}  // namespace hubbub::bench
