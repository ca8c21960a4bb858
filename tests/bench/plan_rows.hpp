// The rows of the plan that have a file of their own.
#pragma once

#include "tests/bench/durable_workloads.hpp"
#include "tests/bench/plan.hpp"

namespace hubbub::bench {

void add_durable(std::vector<Workload>& plan, const Sizes& sizes);
void add_ring(std::vector<Workload>& plan);
void add_agent(std::vector<Workload>& plan, const Sizes& sizes);
void add_services(std::vector<Workload>& plan, const Sizes& sizes);
void add_later(std::vector<Workload>& plan, const Sizes& sizes);

}  // namespace hubbub::bench
