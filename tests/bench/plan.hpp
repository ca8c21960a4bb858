// What is measured, with which sizes, and what must be reached: the table of workloads and bars.
#pragma once

#include <functional>
#include <map>
#include <string>
#include <vector>

#include "tests/bench/agent_workloads.hpp"
#include "tests/bench/later_workload.hpp"
#include "tests/bench/services_workload.hpp"
#include "tests/bench/workloads.hpp"

namespace hubbub::bench {

/// What our hub must reach: its figure, against another contender's of the same run, or against a number.
struct Bar {
  enum class Sense { at_least, at_most, reported };  ///< `reported`: no bar, only worth knowing
  std::string figure;
  Sense sense = Sense::at_least;
  double limit = 0;
  std::string against;  ///< a contender: the ratio of the two is compared; empty: the figure itself
  std::string contender = "hubbub";
};

/// A figure as a column of the table.
struct Column {
  std::string figure;
  std::string heading;
  double scale = 1;
  int digits = 2;
};

struct Workload {
  std::string id;      ///< "fanout-128-100"
  std::string family;  ///< "fanout", as in --only
  std::string title;
  std::vector<std::string> contenders;  ///< those that can do it, in the order of the table
  std::vector<Column> columns;
  std::vector<Bar> bars;
  std::function<Metrics(const Lab&, const Contender&)> run_one;
  /// Instead of run_one, where the contenders take turns.
  std::function<std::map<std::string, Metrics>(const Lab&, const std::vector<Contender>&)> run_together;
  bool on_demand = false;  ///< takes minutes: only where it is asked for by name, and then once
};

struct Sizes {
  std::vector<std::size_t> subscribers = {1, 10, 100, 1000};
  Chat chat;
  std::size_t idle_connections = 10'000;
  std::size_t stopped_among = 1000;
  std::size_t rooms = 10'000;
  std::size_t durable_subscribers = 100;
  std::uint64_t behind = 1'000'000;
  std::uint64_t big_messages = 10'000'000;
  AgentLoad agent;
  ServicesLoad services;
  LaterLoad later;
  double stopped_memory_mb_max = 34.7;  ///< limits.queued_bytes and tail.bytes of the hub, as they are by default
};

std::vector<Workload> make_plan(const Sizes& sizes);

}  // namespace hubbub::bench
