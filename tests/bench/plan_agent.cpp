#include "tests/bench/agent_workloads.hpp"
#include "tests/bench/plan_rows.hpp"

namespace hubbub::bench {

using enum Bar::Sense;

void add_agent(std::vector<Workload>& plan, const Sizes& sizes) {
  const AgentLoad load = sizes.agent;
  plan.push_back({.id = "agent",
                  .family = "agent",
                  .title = "through the agent: JSON lines of " + std::to_string(load.body_bytes) +
                           " B, `hubbub pub`, " + std::to_string(load.rooms) + " rooms, " +
                           std::to_string(load.connects) + " connects",
                  .contenders = {"hubbub"},
                  .columns = {{"json_published_per_s", "JSON, k/s", 1e-3, 0},
                              {"pub_p50_ms", "pub ms", 1, 2},
                              {"pub_direct_p50_ms", "straight ms", 1, 2},
                              {"resident_mb", "resident MB", 1, 1},
                              {"resident_busy_mb", "after load MB", 1, 1},
                              {"socket_received_per_s", std::to_string(load.readers) + " sub, k/s", 1e-3, 0},
                              {"ring_received_per_s", std::to_string(load.readers) + " sub --ring, k/s", 1e-3, 0},
                              {"clients_connect_s", std::to_string(load.clients) + " come, s", 1, 2},
                              {"connects_per_s", "connects k/s", 1e-3, 1},
                              {"leaked_descriptors", "leaked fds", 1, 0},
                              {"leaked_kb", "leaked kB", 1, 0}},
                  .bars = {{"json_published_per_s", at_least, 100'000, ""},
                           {"pub_p50_ms", at_most, 10, ""},
                           {"resident_mb", at_most, 10, ""},
                           {"leaked_descriptors", at_most, 0, ""},
                           {"leaked_kb", at_most, 64, ""}},
                  .run_one = [load](const Lab& lab, const Contender& one) { return run_agent(lab, one, load); },
                  .run_together = {}});
}

}  // namespace hubbub::bench
