#include <algorithm>

#include "tests/sim/simulation.hpp"

namespace hubbub::sim {

Met& Met::operator+=(const Met& other) {
  acknowledged += other.acknowledged;
  received += other.received;
  losses_told += other.losses_told;
  hubs_killed += other.hubs_killed;
  power_cuts += other.power_cuts;
  ended_in_the_middle += other.ended_in_the_middle;
  full_disks += other.full_disks;
  failed_syncs += other.failed_syncs;
  read_only_disks += other.read_only_disks;
  slow_disks += other.slow_disks;
  clock_jumps += other.clock_jumps;
  gaps += other.gaps;
  unknown_outcomes += other.unknown_outcomes;
  refused_in_trouble += other.refused_in_trouble;
  fenced += other.fenced;
  rivals_fenced += other.rivals_fenced;
  return *this;
}

bool Outcome::has(test::Wrong wrong) const {
  return std::ranges::any_of(findings, [wrong](const auto& finding) { return finding.wrong == wrong; });
}

std::string Outcome::text() const {
  auto all = test::as_text(findings);
  for (const auto& complaint : complaints) all += complaint + '\n';
  return all;
}

}  // namespace hubbub::sim
