#include "tests/bench/plan_rows.hpp"

namespace hubbub::bench {

using enum Bar::Sense;

void add_later(std::vector<Workload>& plan, const Sizes& sizes) {
  const LaterLoad load = sizes.later;
  plan.push_back({.id = "later",
                  .family = "later",
                  .title = std::to_string(load.due) + " messages that are due in one second, and as many at one " +
                           "moment, while " + std::to_string(load.pending) + " wait for another day",
                  .contenders = {"hubbub"},
                  .columns = {{"p50_late_ms", "p50 late ms", 1, 2},
                              {"p99_late_ms", "p99 ms", 1, 2},
                              {"latest_ms", "latest ms", 1, 1},
                              {"at_once_latest_ms", "at once ms", 1, 1},
                              {"pending_memory_mb", "memory MB", 1, 1},
                              {"start_ms", "start ms", 1, 0}},
                  .bars = {{"latest_ms", at_most, 100, ""},
                           {"at_once_latest_ms", reported, 0, ""},
                           {"pending_memory_mb", at_most, 8, ""}},
                  .run_one = [load](const Lab& lab, const Contender& one) { return run_later(lab, one, load); },
                  .run_together = {}});
}

}  // namespace hubbub::bench
