// Publishing what is kept, and reading it: what a load that waits for acknowledgements makes of each.
#include <algorithm>
#include <limits>

#include "tests/bench/acknowledged.hpp"
#include "tests/bench/durable_workloads.hpp"
#include "tests/bench/percentile.hpp"

namespace hubbub::bench {

namespace {

constexpr double forever = std::numeric_limits<double>::infinity();
constexpr double catch_up_s_max = 60;
constexpr int turns = 2;  ///< without, with, without, with: noise falls on both

/// What one publisher was told within a stretch of time, and what a subscriber got.
struct Stretch {
  double acknowledged_per_s = 0;
  double delivered_per_s = 0;
  double server_cpu_s = 0;
  double own_cpu_s = 0;
  double wall_s = 0;
  std::uint64_t acknowledged = 0;
};

double per_second(std::uint64_t count, Clock::time_point start, Clock::time_point end) {
  return static_cast<double>(count) / std::chrono::duration<double>(end - start).count();
}

/// Lane 0 publishes; lane `subscriber` subscribes, unless it is 0.
Stretch measure(AcknowledgedLoad& load, std::size_t subscriber, double seconds, pid_t server) {
  const auto acknowledged = load.acknowledged();
  const auto delivered = load.delivered(subscriber);
  const auto cpu = cpu_seconds(server);
  const auto own_cpu = own_cpu_seconds();
  const auto start = Clock::now();
  load.run(seconds);
  load.finish();
  Stretch stretch;
  stretch.wall_s = seconds_since(start);
  stretch.server_cpu_s = cpu_seconds(server) - cpu;
  stretch.own_cpu_s = own_cpu_seconds() - own_cpu;
  stretch.acknowledged = load.acknowledged() - acknowledged;
  stretch.acknowledged_per_s = per_second(stretch.acknowledged, start, load.acknowledged_at());
  if (subscriber > 0)
    stretch.delivered_per_s = per_second(load.delivered(subscriber) - delivered, start, load.delivered_at(subscriber));
  return stretch;
}

Part publisher() { return {.publishes = true, .rooms = {0}, .acknowledged = true}; }
Part subscriber() { return {.subscribes = true, .rooms = {0}}; }

/// A subscriber of Redis or NATS would not get what was kept, but what was said.
bool hands_out_what_is_kept(Kind kind) { return kind == Kind::floor || kind == Kind::hub; }

}  // namespace

Metrics run_durable_publish(const Lab& lab, const Contender& contender, const DurablePublish& sizes) {
  const Setup setup{.durability = sizes.durability, .search_index = sizes.search_index, .data = {}};
  const Server server(contender, lab.paths, lab.cores, setup);
  const auto dialect = dialect_of(contender.kind, sizes.body_bytes);
  AcknowledgedLoad load(*dialect, {.body_bytes = sizes.body_bytes, .in_flight = sizes.in_flight});
  auto publishers = connect_all(server.port(), *dialect, {publisher()});
  load.add(publishers.front());
  std::vector<Connection> subscribers;
  if (hands_out_what_is_kept(contender.kind)) subscribers = connect_all(server.port(), *dialect, {subscriber()});
  const auto index = subscribers.empty() ? 0 : load.add(subscribers.front());
  (void)measure(load, index, lab.warm_up_s, server.pid());
  const auto stretch = measure(load, index, lab.seconds, server.pid());
  Metrics metrics = {{"acknowledged_per_s", stretch.acknowledged_per_s},
                     {"acknowledged_per_cpu_s", static_cast<double>(stretch.acknowledged) / stretch.server_cpu_s},
                     {"server_busy", stretch.server_cpu_s / stretch.wall_s},
                     {"generator_busy", stretch.own_cpu_s / stretch.wall_s}};
  if (index > 0) metrics["delivered_ratio"] = stretch.delivered_per_s / stretch.acknowledged_per_s;
  return metrics;
}

Metrics run_search_cost(const Lab& lab, const Contender& contender, const DurablePublish& sizes) {
  double with = 0;
  double without = 0;
  for (int turn = 0; turn < turns; ++turn) {
    auto wanted = sizes;
    wanted.search_index = false;
    without += run_durable_publish(lab, contender, wanted)["acknowledged_per_s"] / turns;
    wanted.search_index = true;
    with += run_durable_publish(lab, contender, wanted)["acknowledged_per_s"] / turns;
  }
  return {{"with_per_s", with}, {"without_per_s", without}, {"with_ratio", with / without}};
}

Metrics run_durable_fan_out(const Lab& lab, const Contender& contender, const FanOut& sizes) {
  const auto per_cpu_s = [&](Durability durability) {
    auto wanted = sizes;
    wanted.durability = durability;
    return run_fan_out(lab, contender, wanted)["deliveries_per_cpu_s"];
  };
  const auto memory = per_cpu_s(Durability::memory);
  const auto commit = per_cpu_s(Durability::commit);
  const auto fsync = per_cpu_s(Durability::fsync);
  return {{"memory", memory},
          {"commit", commit},
          {"fsync", fsync},
          {"commit_ratio", commit / memory},
          {"fsync_ratio", fsync / memory}};
}

namespace {

struct Read {
  double read_per_s = 0;
  double published_per_s = 0;
};

/// A new subscriber reads from the first message until it has `behind` of them.
Read read_up(AcknowledgedLoad& load, int port, const Dialect& dialect, std::uint64_t behind, double messages_per_s) {
  auto part = subscriber();
  part.from_start = true;
  const auto acknowledged = load.acknowledged();
  const auto start = Clock::now();
  auto reader = connect_all(port, dialect, {part});
  const auto index = load.add(reader.front());
  load.run(catch_up_s_max, messages_per_s, [&] { return load.delivered(index) >= behind; });
  const auto end = Clock::now();
  const Read read{.read_per_s = per_second(load.delivered(index), start, end),
                  .published_per_s = per_second(load.acknowledged() - acknowledged, start, end)};
  if (load.delivered(index) < behind) throw Failed("the reader didn't catch up within a minute");
  load.finish();
  load.remove_last();
  return read;
}

}  // namespace

Metrics run_catch_up(const Lab& lab, const Contender& contender, const CatchUp& sizes) {
  const Server server(contender, lab.paths, lab.cores, {.durability = Durability::commit, .data = {}});
  const auto dialect = dialect_of(contender.kind, 128);
  AcknowledgedLoad load(*dialect, {.in_flight = sizes.in_flight});
  auto publishers = connect_all(server.port(), *dialect, {publisher()});
  load.add(publishers.front());
  const auto start = Clock::now();
  load.run(forever, 0, [&] { return load.acknowledged() >= sizes.behind; });
  load.finish();
  const auto filled_per_s = per_second(load.acknowledged(), start, load.acknowledged_at());
  const auto paced = read_up(load, server.port(), *dialect, sizes.behind, sizes.messages_per_s);
  const auto beside_all = read_up(load, server.port(), *dialect, sizes.behind, 0);
  return {{"filled_per_s", filled_per_s},
          {"read_per_s", paced.read_per_s},
          {"published_per_s", paced.published_per_s},
          {"read_beside_all_per_s", beside_all.read_per_s},
          {"published_beside_all_per_s", beside_all.published_per_s}};
}

namespace {

std::vector<double> latencies_ms(AcknowledgedLoad& load, const Lab& lab) {
  load.run(lab.warm_up_s);
  (void)load.take_latencies_ms();
  load.run(lab.seconds);
  return load.take_latencies_ms();
}

void append(std::vector<double>& all, const std::vector<double>& more) {
  all.insert(all.end(), more.begin(), more.end());
}

}  // namespace

Metrics run_slow_reader(const Lab& lab, const Contender& contender, const SlowReader& sizes) {
  const Server server(contender, lab.paths, lab.cores, {.durability = Durability::commit, .data = {}});
  const auto dialect = dialect_of(contender.kind, 128);
  AcknowledgedLoad load(*dialect, {.in_flight = sizes.in_flight, .dated = true});
  auto publishers = connect_all(server.port(), *dialect, {publisher()});
  load.add(publishers.front());
  auto subscribers = connect_all(server.port(), *dialect, std::vector<Part>(sizes.subscribers, subscriber()));
  for (auto& connection : subscribers) load.add(connection);
  std::vector<double> without;
  std::vector<double> with;
  double growth = 0;
  std::uint64_t behind = 0;
  for (int turn = 0; turn < turns; ++turn) {
    append(without, latencies_ms(load, lab));
    load.finish();
    const auto memory = static_cast<double>(memory_bytes(server.pid()));
    auto slow = connect_all(server.port(), *dialect, {subscriber()}, {.receive_buffer_bytes = 4096});
    const auto index = load.add_slow(slow.front(), sizes.bytes_per_s);
    const auto published = load.acknowledged();
    append(with, latencies_ms(load, lab));
    growth = std::max(growth, static_cast<double>(memory_bytes(server.pid())) - memory);
    behind = std::max(behind, load.acknowledged() - published - load.delivered(index));
    load.finish();
    load.remove_last();
  }
  const auto p99_without = percentile(without, 0.99);
  const auto p99_with = percentile(with, 0.99);
  return {{"p99_without_ms", p99_without},
          {"p99_with_ms", p99_with},
          {"p99_ratio", p99_with / p99_without},
          {"behind_mb", static_cast<double>(behind * dialect->delivery_bytes(128)) / 1e6},
          {"memory_growth_mb", growth / 1e6}};
}

}  // namespace hubbub::bench
