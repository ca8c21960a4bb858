// The rows of what outlives the server.
#include "tests/bench/plan_rows.hpp"

namespace hubbub::bench {

namespace {

using enum Bar::Sense;

constexpr auto rate = "acknowledged_per_s";
constexpr auto delivered = "delivered_ratio";
/// The subscribers' rate by the publisher's: a run has an end, which they reach a little later.
constexpr double same_rate = 0.98;

const std::vector<Column> publish_columns = {{rate, "acknowledged/s", 1, 0},
                                             {"acknowledged_per_cpu_s", "per CPU s", 1, 0},
                                             {delivered, "delivered", 1, 3},
                                             {"server_busy", "cores", 1, 2},
                                             {"generator_busy", "generator", 1, 2}};

Workload publish(const DurablePublish& sizes, std::vector<std::string> contenders, std::vector<Bar> bars) {
  const std::string how = sizes.durability == Durability::fsync ? "fsync" : "commit";
  const auto in_flight = std::to_string(sizes.in_flight);
  bars.push_back({delivered, at_least, same_rate, ""});
  bars.push_back({rate, reported, 0, "floor"});
  bars.push_back({rate, reported, 0, "hubbub", "hubbub-2"});
  return {.id = "durable-" + how + "-" + in_flight,
          .family = "durable",
          .title = how + ", 128 B, " + in_flight + " in flight",
          .contenders = std::move(contenders),
          .columns = publish_columns,
          .bars = std::move(bars),
          .run_one = [sizes](const Lab& lab, const Contender& one) { return run_durable_publish(lab, one, sizes); },
          .run_together = {}};
}

Workload fsync(std::size_t in_flight, Bar bar) {
  return publish({.durability = Durability::fsync, .in_flight = in_flight}, {"floor", "hubbub", "hubbub-2", "redis"},
                 {std::move(bar)});
}

/// NATS doesn't sync before it acknowledges: here nobody does.
Workload commit(std::size_t in_flight, Bar bar) {
  return publish({.durability = Durability::commit, .in_flight = in_flight}, {"floor", "hubbub", "hubbub-2", "nats"},
                 {std::move(bar)});
}

Workload search_cost() {
  const DurablePublish sizes{.durability = Durability::commit, .in_flight = 512};
  return {.id = "durable-search-512",
          .family = "durable",
          .title = "commit, 512 in flight, searchable and not",
          .contenders = {"hubbub", "hubbub-2"},
          .columns = {{"with_per_s", "with index /s", 1, 0},
                      {"without_per_s", "without /s", 1, 0},
                      {"with_ratio", "ratio", 1, 2}},
          .bars = {{"with_ratio", at_least, 0.8, ""}},
          .run_one = [sizes](const Lab& lab, const Contender& one) { return run_search_cost(lab, one, sizes); },
          .run_together = {}};
}

Workload durable_fan_out(const Sizes& all) {
  const FanOut sizes{.body_bytes = 128, .subscribers = all.durable_subscribers};
  return {.id = "durable-fanout-" + std::to_string(sizes.subscribers),
          .family = "durable",
          .title = "fan-out to " + std::to_string(sizes.subscribers) + ", durable and not",
          .contenders = {"hubbub", "hubbub-2"},
          .columns = {{"memory", "memory M/CPU s", 1e-6, 2},
                      {"commit", "commit M/CPU s", 1e-6, 2},
                      {"fsync", "fsync M/CPU s", 1e-6, 2},
                      {"commit_ratio", "commit ratio", 1, 2},
                      {"fsync_ratio", "fsync ratio", 1, 2}},
          .bars = {{"commit_ratio", at_least, 0.5, ""}, {"fsync_ratio", at_least, 0.5, ""}},
          .run_one = [sizes](const Lab& lab, const Contender& one) { return run_durable_fan_out(lab, one, sizes); },
          .run_together = {}};
}

Workload catch_up(const Sizes& all) {
  const CatchUp sizes{.behind = all.behind};
  return {.id = "durable-catchup",
          .family = "durable",
          .title = "a reader " + std::to_string(sizes.behind) + " behind",
          .contenders = {"hubbub", "hubbub-2"},
          .columns = {{"filled_per_s", "filled/s", 1, 0},
                      {"read_per_s", "read/s", 1, 0},
                      {"published_per_s", "beside/s", 1, 0},
                      {"read_beside_all_per_s", "read/s", 1, 0},
                      {"published_beside_all_per_s", "beside all/s", 1, 0}},
          .bars = {{"read_per_s", at_least, 500'000, ""}, {"read_beside_all_per_s", reported, 0, ""}},
          .run_one = [sizes](const Lab& lab, const Contender& one) { return run_catch_up(lab, one, sizes); },
          .run_together = {}};
}

Workload slow_reader(const Sizes& all) {
  return {.id = "durable-slow",
          .family = "durable",
          .title = "a slow reader of a durable room, full load",
          .contenders = {"hubbub", "hubbub-2"},
          .columns = {{"p99_without_ms", "p99 ms without", 1, 2},
                      {"p99_with_ms", "p99 ms with", 1, 2},
                      {"p99_ratio", "ratio", 1, 2},
                      {"behind_mb", "it is behind MB", 1, 1},
                      {"memory_growth_mb", "memory +MB", 1, 1}},
          .bars = {{"p99_ratio", at_most, 2, ""}, {"memory_growth_mb", at_most, all.stopped_memory_mb_max, ""}},
          .run_one = [](const Lab& lab, const Contender& one) { return run_slow_reader(lab, one, {}); },
          .run_together = {}};
}

Workload big_history(const Sizes& all) {
  const BigHistory sizes{.messages = all.big_messages};
  return {.id = "big-" + std::to_string(sizes.messages),
          .family = "big",
          .title = std::to_string(sizes.messages) + " messages in " + std::to_string(sizes.rooms) + " rooms",
          .contenders = {"hubbub"},
          .columns = {{"filled_per_s", "filled/s", 1, 0},
                      {"indexed_s", "then indexed s", 1, 1},
                      {"disk_mb", "disk MB", 1, 0},
                      {"start_cold_s", "start cold s", 1, 2},
                      {"start_s", "start s", 1, 2},
                      {"start_killed_s", "after kill -9 s", 1, 2},
                      {"page_p50_ms", "page p50 ms", 1, 2},
                      {"page_p99_ms", "page p99 ms", 1, 2},
                      {"search_max_ms", "search max ms", 1, 1},
                      {"resident_mb", "resident MB", 1, 0}},
          .bars = {{"start_cold_s", at_most, 1, ""},
                   {"start_s", at_most, 1, ""},
                   {"start_killed_s", at_most, 1, ""},
                   {"page_p99_ms", at_most, 10, ""},
                   {"search_max_ms", at_most, 100, ""},
                   {"resident_mb", at_most, 200, ""}},
          .run_one = [sizes](const Lab& lab, const Contender& one) { return run_big_history(lab, one, sizes); },
          .run_together = {},
          .on_demand = true};
}

}  // namespace

void add_durable(std::vector<Workload>& plan, const Sizes& sizes) {
  plan.push_back(fsync(1, {rate, at_least, 1, "redis"}));
  plan.push_back(fsync(64, {rate, at_least, 1.5, "redis"}));
  plan.push_back(fsync(512, {rate, at_least, 1.5, "redis"}));
  plan.push_back(fsync(4096, {rate, reported, 0, "redis"}));
  plan.push_back(commit(1, {rate, reported, 0, "nats"}));
  plan.push_back(commit(64, {rate, at_least, 1, "nats"}));
  plan.push_back(commit(512, {rate, at_least, 1, "nats"}));
  plan.push_back(commit(4096, {rate, reported, 0, "nats"}));
  plan.push_back(search_cost());
  plan.push_back(durable_fan_out(sizes));
  plan.push_back(catch_up(sizes));
  plan.push_back(slow_reader(sizes));
  plan.push_back(big_history(sizes));
}

}  // namespace hubbub::bench
