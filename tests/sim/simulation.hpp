// A hub with durable rooms, its clients and its disk in one thread, with everything going wrong that a seed thinks of:
// crashes of either side, losses of power, slow, full and failing disks, clocks that jump, breaks, losses and
// repetitions. Then all is well again, everybody comes to rest, and the checker judges what they saw.
//   seed, mutant --simulate--> findings, and what was met
#pragma once

#include <string>
#include <vector>

#include "tests/sim/mutant.hpp"
#include "tests/support/checker.hpp"

namespace hubbub::sim {

/// What happened in a run, so that a test can see that it happens at all.
struct Met {
  std::uint64_t acknowledged = 0, received = 0, losses_told = 0;
  std::uint64_t hubs_killed = 0, power_cuts = 0;  ///< of these, so many in the middle of writing
  std::uint64_t ended_in_the_middle = 0;
  std::uint64_t full_disks = 0, failed_syncs = 0, read_only_disks = 0, slow_disks = 0, clock_jumps = 0;
  std::uint64_t gaps = 0, unknown_outcomes = 0, refused_in_trouble = 0, fenced = 0;
  std::uint64_t rivals_fenced = 0;  ///< as often another program with the client id of a producer was refused
  Met& operator+=(const Met& other);
};

struct Outcome {
  std::vector<test::Finding> findings;
  /// What isn't a matter of the history: somebody who can't go on, a database that isn't whole. Empty if all is well.
  std::vector<std::string> complaints;
  Met met;
  test::History history;
  std::string database;  ///< what is in its file at the end
  [[nodiscard]] bool is_well() const { return findings.empty() && complaints.empty(); }
  [[nodiscard]] bool has(test::Wrong wrong) const;
  [[nodiscard]] std::string text() const;
};

/// With `tells` it says on stdout what happens, for people who replay a seed.
Outcome simulate(std::uint64_t seed, Mutant mutant = Mutant::none, bool tells = false);

}  // namespace hubbub::sim
