#include "tests/bench/plan_rows.hpp"
#include "tests/bench/ring_workloads.hpp"

namespace hubbub::bench {

namespace {

using enum Bar::Sense;

Workload ring_load(const RingLoad& load, double per_s_min) {
  const auto readers = std::to_string(load.readers);
  const auto batch = load.batch == 1 ? std::string() : std::to_string(load.batch) + " a flush, ";
  return {
      .id = "ring-" + readers + (load.batch == 1 ? "" : "-" + std::to_string(load.batch)),
      .family = "ring",
      .title = "ring, 128 B, " + batch + readers + (load.readers == 1 ? " reader" : " readers"),
      .contenders = {"hubbub"},
      .columns = {{"ring_per_s", "ring M/s", 1e-6, 2}, {"bare_per_s", "bare M/s", 1e-6, 2}, {"ratio", "ratio", 1, 2}},
      .bars = {{"ring_per_s", at_least, per_s_min, ""}, {"ratio", at_least, 0.5, ""}},
      .run_one = [load](const Lab& lab, const Contender&) { return run_ring(lab, load); },
      .run_together = {}};
}

Workload ring_wake() {
  return {.id = "ring-wake",
          .family = "ring",
          .title = "a sleeping reader of the ring is woken",
          .contenders = {"hubbub"},
          .columns = {{"ring_p50_us", "ring p50 us", 1, 1},
                      {"futex_p50_us", "futex p50 us", 1, 1},
                      {"ratio", "ratio", 1, 2}},
          .bars = {{"ratio", at_most, 1.5, ""}},
          .run_one = [](const Lab& lab, const Contender&) { return run_ring_wake(lab); },
          .run_together = {}};
}

}  // namespace

void add_ring(std::vector<Workload>& plan) {
  constexpr double to_one_per_s = 4e6;
  constexpr double to_four_per_s = 10e6;
  constexpr std::size_t tick = 32;  // what the agent has read by the end of a tick goes out with one flush
  for (const std::size_t batch : {std::size_t{1}, tick}) {
    plan.push_back(ring_load({.readers = 1, .batch = batch}, to_one_per_s));
    plan.push_back(ring_load({.readers = 4, .batch = batch}, to_four_per_s));
  }
  plan.push_back(ring_wake());
}

}  // namespace hubbub::bench
