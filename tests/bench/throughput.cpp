// Fan-out, chat, the stopped reader and many rooms: what a windowed load makes of each.
#include <algorithm>
#include <numeric>

#include "tests/bench/windowed.hpp"
#include "tests/bench/workloads.hpp"

namespace hubbub::bench {

namespace {

// The window: large enough that a server can gather 64 KiB for one write, small enough that the kernel's buffers for
// all subscribers together stay in memory.
constexpr std::size_t window_messages_max = 4096;
constexpr std::size_t window_bytes_max = 512 * 1024;
constexpr std::size_t bytes_under_way_max = 128 * 1024 * 1024;
constexpr std::size_t chat_chunk_messages = 8;  ///< that a member says in one go
constexpr int stopped_reader_buffer_bytes = 4096;
constexpr int stopped_reader_turns = 2;  ///< without, with, without, with: noise falls on both

std::size_t fan_out_chunk(Kind kind, const FanOut& sizes) {
  const std::size_t window = std::min({window_messages_max, window_bytes_max / sizes.body_bytes,
                                       bytes_under_way_max / sizes.body_bytes / sizes.subscribers,
                                       static_cast<std::size_t>(deliveries_under_way_max(kind) / sizes.subscribers)});
  return std::max<std::size_t>(1, window / 2);
}

std::size_t chat_chunk(Kind kind, const Chat& sizes) {
  const auto deliveries_per_message = 2 * sizes.rooms * sizes.members * sizes.members;
  return std::clamp<std::size_t>(deliveries_under_way_max(kind) / deliveries_per_message, 1, chat_chunk_messages);
}

Metrics metrics_of(const Measured& measured, std::size_t wire_bytes) {
  const auto deliveries = static_cast<double>(measured.deliveries);
  return {{"deliveries_per_cpu_s", deliveries / measured.server_cpu_s},
          {"deliveries_per_s", deliveries / measured.wall_s},
          {"deliveries", deliveries},
          {"checked", static_cast<double>(measured.checked)},
          {"generator_busy", measured.generator_cpu_s / measured.wall_s},
          {"server_busy", measured.server_cpu_s / measured.wall_s},
          {"wire_bytes", static_cast<double>(wire_bytes)}};
}

std::vector<std::size_t> indices(std::size_t first, std::size_t count) {
  std::vector<std::size_t> all(count);
  std::iota(all.begin(), all.end(), first);
  return all;
}

std::vector<Part> one_room_parts(std::size_t subscribers) {
  std::vector<Part> parts(subscribers + 1, Part{.subscribes = true, .rooms = {0}});
  parts.front() = Part{.publishes = true, .rooms = {0}};
  return parts;
}

/// The publisher first: a room exists before anybody subscribes to it, on every server.
std::vector<Connection> connect_in_turn(int port, const Dialect& dialect, std::vector<Part> parts) {
  auto connections = connect_all(port, dialect, {parts.front()});
  parts.erase(parts.begin());
  auto others = connect_all(port, dialect, std::move(parts));
  std::ranges::move(others, std::back_inserter(connections));
  return connections;
}

Measured warm_up_and_run(const Lab& lab, WindowedLoad& load, const Server& server) {
  (void)load.run(lab.warm_up_s, server.pid());
  return load.run(lab.seconds, server.pid());
}

void add(Measured& sum, const Measured& one) {
  sum.published += one.published;
  sum.deliveries += one.deliveries;
  sum.wall_s += one.wall_s;
  sum.server_cpu_s += one.server_cpu_s;
}

struct ChatPlan {
  std::vector<Part> parts;
  std::vector<Group> groups;
};

/// Where one connection can't do both, a member has two.
ChatPlan plan_chat(const Chat& sizes, bool duplex) {
  ChatPlan plan;
  for (std::uint32_t room = 0; room < sizes.rooms; ++room) {
    const auto first = plan.parts.size();
    const Part listener{.publishes = duplex, .subscribes = true, .rooms = {room}};
    plan.parts.insert(plan.parts.end(), sizes.members, listener);
    if (!duplex) plan.parts.insert(plan.parts.end(), sizes.members, Part{.publishes = true, .rooms = {room}});
    plan.groups.push_back(
        {indices(duplex ? first : first + sizes.members, sizes.members), indices(first, sizes.members)});
  }
  return plan;
}

}  // namespace

Metrics run_fan_out(const Lab& lab, const Contender& contender, const FanOut& sizes) {
  const Server server(contender, lab.paths, lab.cores, {.durability = sizes.durability, .data = {}});
  const auto dialect = dialect_of(contender.kind, sizes.body_bytes);
  auto connections = connect_in_turn(server.port(), *dialect, one_room_parts(sizes.subscribers));
  const auto chunk = fan_out_chunk(contender.kind, sizes);
  WindowedLoad load(*dialect, connections, {{{0}, indices(1, sizes.subscribers)}},
                    {.body_bytes = sizes.body_bytes, .chunk_messages = chunk, .deliveries_per_round = chunk});
  return metrics_of(warm_up_and_run(lab, load, server), dialect->delivery_bytes(sizes.body_bytes));
}

Metrics run_chat(const Lab& lab, const Contender& contender, const Chat& sizes) {
  const Server server(contender, lab.paths, lab.cores);
  const auto dialect = dialect_of(contender.kind, sizes.body_bytes);
  auto plan = plan_chat(sizes, dialect->duplex());
  auto connections = connect_all(server.port(), *dialect, std::move(plan.parts));
  const auto chunk = chat_chunk(contender.kind, sizes);
  WindowedLoad load(
      *dialect, connections, std::move(plan.groups),
      {.body_bytes = sizes.body_bytes, .chunk_messages = chunk, .deliveries_per_round = chunk * sizes.members});
  return metrics_of(warm_up_and_run(lab, load, server), dialect->delivery_bytes(sizes.body_bytes));
}

Metrics run_stopped_reader(const Lab& lab, const Contender& contender, const FanOut& sizes) {
  const Server server(contender, lab.paths, lab.cores);
  const auto dialect = dialect_of(contender.kind, sizes.body_bytes);
  const auto others = sizes.subscribers - 1;
  auto connections = connect_in_turn(server.port(), *dialect, one_room_parts(others));
  const auto chunk = fan_out_chunk(contender.kind, sizes);
  WindowedLoad load(*dialect, connections, {{{0}, indices(1, others)}},
                    {.body_bytes = sizes.body_bytes, .chunk_messages = chunk, .deliveries_per_round = chunk});
  Measured without;
  Measured with;
  double growth = 0;
  for (int turn = 0; turn < stopped_reader_turns; ++turn) {
    add(without, warm_up_and_run(lab, load, server));
    const auto memory_before = static_cast<double>(memory_bytes(server.pid()));
    auto stopped = connect_all(server.port(), *dialect, {Part{.subscribes = true, .rooms = {0}}},
                               {.receive_buffer_bytes = stopped_reader_buffer_bytes});
    add(with, warm_up_and_run(lab, load, server));
    growth = std::max(growth, static_cast<double>(memory_bytes(server.pid())) - memory_before);
    reset_all(stopped);
  }
  const auto rate = [](const Measured& m, double seconds) { return static_cast<double>(m.deliveries) / seconds; };
  const auto missed = with.published * dialect->delivery_bytes(sizes.body_bytes) / stopped_reader_turns;
  return {{"others_throughput_ratio", rate(with, with.wall_s) / rate(without, without.wall_s)},
          {"others_cpu_ratio", rate(with, with.server_cpu_s) / rate(without, without.server_cpu_s)},
          {"missed_mb", static_cast<double>(missed) / 1e6},
          {"memory_growth_mb", growth / 1e6}};
}

namespace {

/// One publisher, one subscriber, `rooms` rooms in turn; a room of many is matched by a pattern of its own.
double cpu_us_per_publish(const Lab& lab, const Contender& contender, const ManyRooms& sizes, std::size_t chunk) {
  const Server server(contender, lab.paths, lab.cores);
  const auto dialect = dialect_of(contender.kind, sizes.body_bytes);
  std::vector<std::uint32_t> rooms(sizes.rooms);
  std::iota(rooms.begin(), rooms.end(), 0);
  const bool many = sizes.rooms > 1;
  auto connections = connect_in_turn(
      server.port(), *dialect,
      {Part{.publishes = true, .rooms = rooms}, Part{.subscribes = true, .rooms = rooms, .by_pattern = many}});
  WindowedLoad load(
      *dialect, connections, {{{0}, {1}}},
      {.body_bytes = sizes.body_bytes, .chunk_messages = chunk, .deliveries_per_round = chunk, .many_rooms = many});
  const auto measured = warm_up_and_run(lab, load, server);
  return measured.server_cpu_s * 1e6 / static_cast<double>(measured.published);
}

}  // namespace

Metrics run_many_rooms(const Lab& lab, const Contender& contender, const ManyRooms& sizes) {
  const ManyRooms one{.body_bytes = sizes.body_bytes, .rooms = 1};
  const std::size_t in_bulk = 2000;  // a divisor of the rooms: rounds are all alike
  const auto one_single = cpu_us_per_publish(lab, contender, one, 1);
  const auto many_single = cpu_us_per_publish(lab, contender, sizes, 1);
  const auto one_bulk = cpu_us_per_publish(lab, contender, one, in_bulk);
  const auto many_bulk = cpu_us_per_publish(lab, contender, sizes, in_bulk);
  return {{"one_room_us", one_single},    {"many_rooms_us", many_single},    {"cost_ratio", many_single / one_single},
          {"one_room_bulk_us", one_bulk}, {"many_rooms_bulk_us", many_bulk}, {"bulk_cost_ratio", many_bulk / one_bulk}};
}

}  // namespace hubbub::bench
