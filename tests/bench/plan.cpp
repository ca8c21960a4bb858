#include "tests/bench/plan_rows.hpp"

namespace hubbub::bench {

namespace {

using enum Bar::Sense;

constexpr auto per_cpu = "deliveries_per_cpu_s";
constexpr auto wall = "deliveries_per_s";
/// "No worse than": two runs of one and the same server differ by as much.
constexpr double no_worse = 1.02;
const std::vector<std::string> everybody = {"floor", "hubbub", "nats", "redis", "mosquitto"};
const std::vector<std::string> with_more_cores = {"floor",  "hubbub", "hubbub-2", "nats",
                                                  "nats-2", "redis",  "mosquitto"};

const std::vector<Column> throughput_columns = {{per_cpu, "M/CPU s", 1e-6, 3},
                                                {wall, "M/s", 1e-6, 3},
                                                {"server_busy", "cores", 1, 2},
                                                {"wire_bytes", "wire B", 1, 0},
                                                {"generator_busy", "generator", 1, 2}};

Workload fan_out(const FanOut& sizes, std::vector<std::string> contenders, std::vector<Bar> bars) {
  const auto body = std::to_string(sizes.body_bytes);
  const auto subscribers = std::to_string(sizes.subscribers);
  return {.id = "fanout-" + body + "-" + subscribers,
          .family = "fanout",
          .title = "fan-out, " + body + " B to " + subscribers,
          .contenders = std::move(contenders),
          .columns = throughput_columns,
          .bars = std::move(bars),
          .run_one = [sizes](const Lab& lab, const Contender& one) { return run_fan_out(lab, one, sizes); },
          .run_together = {}};
}

/// 128 B to few and many: the bars of the main workload.
Workload main_fan_out(std::size_t subscribers) {
  const FanOut sizes{.body_bytes = 128, .subscribers = subscribers};
  if (subscribers == 1)
    return fan_out(sizes, everybody, {{per_cpu, at_least, 0.4, "floor"}, {per_cpu, at_least, 3, "nats"}});
  return fan_out(sizes, with_more_cores,
                 {{per_cpu, at_least, 0.6, "floor"},
                  {per_cpu, at_least, 6, "nats"},
                  {per_cpu, at_least, 6, "redis"},
                  {per_cpu, at_least, 50, "mosquitto"},
                  {wall, at_least, 5, "nats-2"},
                  {wall, reported, 0, "hubbub", "hubbub-2"},
                  {per_cpu, reported, 0, "hubbub", "hubbub-2"}});
}

Workload chat(const Chat& sizes) {
  return {.id = "chat-" + std::to_string(sizes.body_bytes),
          .family = "chat",
          .title = "chat, " + std::to_string(sizes.body_bytes) + " B, " + std::to_string(sizes.rooms) + " rooms of " +
                   std::to_string(sizes.members),
          .contenders = {"floor", "hubbub", "hubbub-2", "nats", "redis", "mosquitto"},
          .columns = throughput_columns,
          .bars = {{per_cpu, at_least, 0.6, "floor"},
                   {per_cpu, at_least, 4, "nats"},
                   {per_cpu, at_least, 3, "redis"},
                   {wall, reported, 0, "hubbub", "hubbub-2"},
                   {per_cpu, reported, 0, "hubbub", "hubbub-2"}},
          .run_one = [sizes](const Lab& lab, const Contender& one) { return run_chat(lab, one, sizes); },
          .run_together = {}};
}

Workload ping_pong() {
  return {
      .id = "pingpong-128",
      .family = "pingpong",
      .title = "ping-pong, 128 B",
      .contenders = everybody,
      .columns = {{"p50_us", "p50 us", 1, 1}, {"p99_us", "p99 us", 1, 1}},
      .bars = {{"p50_us", at_most, 1.15, "floor"},
               {"p99_us", at_most, 1.15, "floor"},
               {"p50_us", at_most, no_worse, "nats"},
               {"p99_us", at_most, no_worse, "nats"},
               {"p50_us", at_most, no_worse, "redis"},
               {"p99_us", at_most, no_worse, "redis"},
               {"p50_us", at_most, no_worse, "mosquitto"},
               {"p99_us", at_most, no_worse, "mosquitto"}},
      .run_one = {},
      .run_together = [](const Lab& lab, const std::vector<Contender>& all) { return run_ping_pong(lab, all, 128); }};
}

Workload open_loop() {
  return {.id = "openloop-128-100",
          .family = "openloop",
          .title = "2,000 messages/s of 128 B to 100",
          .contenders = everybody,
          .columns = {{"p50_ms", "p50 ms", 1, 2},
                      {"p99_ms", "p99 ms", 1, 2},
                      {"cpu_us_per_delivery", "CPU us each", 1, 2},
                      {"kept_up", "kept up", 1, 0}},
          .bars = {{"p50_ms", at_most, no_worse, "nats"},
                   {"p99_ms", at_most, no_worse, "nats"},
                   {"p50_ms", at_most, no_worse, "redis"},
                   {"p99_ms", at_most, no_worse, "redis"},
                   {"p50_ms", at_most, no_worse, "mosquitto"},
                   {"p99_ms", at_most, no_worse, "mosquitto"},
                   {"p50_ms", reported, 0, "floor"},
                   {"p99_ms", reported, 0, "floor"}},
          .run_one = [](const Lab& lab, const Contender& one) { return run_open_loop(lab, one, {}); },
          .run_together = {}};
}

Workload idle(std::size_t connections) {
  return {.id = "idle-" + std::to_string(connections),
          .family = "idle",
          .title = std::to_string(connections) + " idle connections, each subscribed",
          .contenders = everybody,
          .columns = {{"bytes_per_connection", "B each", 1, 0},
                      {"connect_s", "connect s", 1, 2},
                      {"connect_cpu_s", "of CPU s", 1, 2},
                      {"idle_cpu_ms_per_s", "idle ms/s", 1, 2}},
          .bars = {{"bytes_per_connection", at_most, 2048, ""},
                   {"connect_s", at_most, 2, "floor"},
                   {"idle_cpu_ms_per_s", at_most, 1, ""}},
          .run_one = [connections](const Lab& lab, const Contender& one) { return run_idle(lab, one, connections); },
          .run_together = {}};
}

Workload stopped_reader(const Sizes& sizes) {
  const FanOut fan{.body_bytes = 128, .subscribers = sizes.stopped_among};
  return {.id = "stopped-" + std::to_string(sizes.stopped_among),
          .family = "stopped",
          .title = "one stopped reader among " + std::to_string(sizes.stopped_among) + ", 128 B",
          .contenders = {"hubbub", "nats", "redis"},
          .columns = {{"others_throughput_ratio", "others, M/s", 1, 2},
                      {"others_cpu_ratio", "others, M/CPU s", 1, 2},
                      {"missed_mb", "it missed MB", 1, 1},
                      {"memory_growth_mb", "memory +MB", 1, 1}},
          .bars = {{"others_throughput_ratio", at_least, 0.9, ""},
                   {"others_cpu_ratio", at_least, 0.9, ""},
                   {"memory_growth_mb", at_most, sizes.stopped_memory_mb_max, ""}},
          .run_one = [fan](const Lab& lab, const Contender& one) { return run_stopped_reader(lab, one, fan); },
          .run_together = {}};
}

Workload many_rooms(std::size_t rooms) {
  const ManyRooms many{.body_bytes = 128, .rooms = rooms};
  return {.id = "rooms-" + std::to_string(rooms),
          .family = "rooms",
          .title = std::to_string(rooms) + " rooms with " + std::to_string(rooms) + " patterns, 128 B",
          .contenders = {"hubbub", "nats"},
          .columns = {{"one_room_us", "one room us", 1, 2},
                      {"many_rooms_us", "many us", 1, 2},
                      {"cost_ratio", "ratio", 1, 2},
                      {"one_room_bulk_us", "one, bulk us", 1, 3},
                      {"many_rooms_bulk_us", "many, bulk us", 1, 3},
                      {"bulk_cost_ratio", "ratio", 1, 2}},
          .bars = {{"cost_ratio", at_most, 2, ""},
                   {"bulk_cost_ratio", reported, 0, ""},
                   {"many_rooms_us", reported, 0, "nats"},
                   {"many_rooms_bulk_us", reported, 0, "nats"}},
          .run_one = [many](const Lab& lab, const Contender& one) { return run_many_rooms(lab, one, many); },
          .run_together = {}};
}

}  // namespace

std::vector<Workload> make_plan(const Sizes& sizes) {
  std::vector<Workload> plan;
  for (const auto subscribers : sizes.subscribers) plan.push_back(main_fan_out(subscribers));
  plan.push_back(fan_out({.body_bytes = 16, .subscribers = 100}, everybody, {{per_cpu, at_least, 0.3, "floor"}}));
  plan.push_back(fan_out({.body_bytes = 1024, .subscribers = 100}, everybody, {{per_cpu, at_least, 0.6, "floor"}}));
  plan.push_back(chat(sizes.chat));
  plan.push_back(ping_pong());
  plan.push_back(open_loop());
  plan.push_back(idle(sizes.idle_connections));
  plan.push_back(stopped_reader(sizes));
  plan.push_back(many_rooms(sizes.rooms));
  add_durable(plan, sizes);
  add_ring(plan);
  add_agent(plan, sizes);
  add_services(plan, sizes);
  add_later(plan, sizes);
  return plan;
}

}  // namespace hubbub::bench
