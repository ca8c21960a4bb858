// The workloads. Each starts the servers it measures, loads them, stops them and gives figures by name.
//   Lab, Contender, sizes --> Metrics
#pragma once

#include <functional>
#include <map>
#include <string>
#include <vector>

#include "tests/bench/servers.hpp"

namespace hubbub::bench {

/// A figure's name ends in its unit.
using Metrics = std::map<std::string, double>;

/// What all workloads share.
struct Lab {
  ServerPaths paths;
  Cores cores;
  double seconds = 0.5;  ///< of load in a throughput run, the drain not counted
  double warm_up_s = 0.1;
  double idle_s = 2;  ///< how long nothing is said
  double open_loop_s = 3;
  std::size_t round_trips = 10'000;  ///< of ping-pong
  std::size_t connections_max = 0;   ///< that the limit of open files leaves
};

/// One publisher, one room, `subscribers`. Figures: deliveries_per_cpu_s, deliveries_per_s, generator_busy, wire_bytes.
struct FanOut {
  std::size_t body_bytes = 128;
  std::size_t subscribers = 100;
  Durability durability = Durability::memory;
};
Metrics run_fan_out(const Lab& lab, const Contender& contender, const FanOut& sizes);

/// Every member of every room publishes and receives. Figures as of FanOut.
struct Chat {
  std::size_t body_bytes = 128;
  std::size_t rooms = 100;
  std::size_t members = 20;
};
Metrics run_chat(const Lab& lab, const Contender& contender, const Chat& sizes);

/// From publish to receive, one message at a time. All contenders are up at once and take turns, so that the machine's
/// noise falls on all alike. Figures: p50_us, p99_us.
std::map<std::string, Metrics> run_ping_pong(const Lab& lab, const std::vector<Contender>& contenders,
                                             std::size_t body_bytes);

/// Messages at a fixed rate, timed from when each should have been sent. Figures: p50_ms, p99_ms, cpu_us_per_delivery.
struct OpenLoop {
  std::size_t body_bytes = 128;
  std::size_t subscribers = 100;
  double messages_per_s = 2000;
};
Metrics run_open_loop(const Lab& lab, const Contender& contender, const OpenLoop& sizes);

/// Many connections, each subscribed, and silence. Figures: bytes_per_connection, connect_s, idle_cpu_ms_per_s.
Metrics run_idle(const Lab& lab, const Contender& contender, std::size_t connections);

/// Subscribers with and without one more that never reads. Figures: others_throughput_ratio, others_cpu_ratio,
/// memory_growth_mb.
Metrics run_stopped_reader(const Lab& lab, const Contender& contender, const FanOut& sizes);

/// A publish to each of many rooms in turn, every room matched by one of as many patterns of one subscriber, against
/// one room with one subscriber. Once with a message at a time, and once in bulk, where the one room makes the most of
/// its batches. Figures (CPU per publish): one_room_us, many_rooms_us, cost_ratio; one_room_bulk_us,
/// many_rooms_bulk_us, bulk_cost_ratio.
struct ManyRooms {
  std::size_t body_bytes = 128;
  std::size_t rooms = 10'000;
};
Metrics run_many_rooms(const Lab& lab, const Contender& contender, const ManyRooms& sizes);

}  // namespace hubbub::bench
