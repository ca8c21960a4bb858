// The workloads about what outlives the server. As in workloads.hpp.
#pragma once

#include "tests/bench/workloads.hpp"

namespace hubbub::bench {

/// One publisher, so many publishes in flight, each acknowledged when it is kept; where the server hands out what it
/// has kept, one subscriber, whose every message is checked. Figures: acknowledged_per_s, acknowledged_per_cpu_s,
/// delivered_ratio (the subscriber's rate by the publisher's).
struct DurablePublish {
  Durability durability = Durability::fsync;
  std::size_t in_flight = 64;
  std::size_t body_bytes = 128;
  bool search_index = true;
};
Metrics run_durable_publish(const Lab& lab, const Contender& contender, const DurablePublish& sizes);

/// The same with the search index and without. Figures: with_per_s, without_per_s, with_ratio.
Metrics run_search_cost(const Lab& lab, const Contender& contender, const DurablePublish& sizes);

/// The fan-out of a room of each durability. Figures, per CPU second: memory, commit, fsync; commit_ratio, fsync_ratio.
Metrics run_durable_fan_out(const Lab& lab, const Contender& contender, const FanOut& sizes);

/// A reader so far behind reads up, first beside a publisher with a pace, then beside one as fast as it can be.
/// Figures: filled_per_s; read_per_s, published_per_s; read_beside_all_per_s, published_beside_all_per_s.
struct CatchUp {
  std::uint64_t behind = 1'000'000;
  std::size_t in_flight = 512;
  double messages_per_s = 10'000;
};
Metrics run_catch_up(const Lab& lab, const Contender& contender, const CatchUp& sizes);

/// Subscribers of a durable room under full load, with one more that reads slowly and without; in the end it has all.
/// Figures: p99_without_ms, p99_with_ms, p99_ratio; behind_mb (how far it fell behind), memory_growth_mb.
struct SlowReader {
  std::size_t subscribers = 10;
  std::size_t in_flight = 512;
  double bytes_per_s = 256 * 1024;
};
Metrics run_slow_reader(const Lab& lab, const Contender& contender, const SlowReader& sizes);

/// Many messages, then a restart. Figures: filled_per_s, indexed_s (after the last one was published), disk_mb;
/// start_cold_s and start_s (from the start of the process to the first message served), page_p50_ms, page_p99_ms (of
/// history, from the middle), search_max_ms (of a rare word), resident_mb.
struct BigHistory {
  std::uint64_t messages = 10'000'000;
  std::uint32_t rooms = 100;
  std::size_t in_flight = 256;  ///< in each room
};
Metrics run_big_history(const Lab& lab, const Contender& contender, const BigHistory& sizes);

}  // namespace hubbub::bench
