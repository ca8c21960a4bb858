// Durable rooms keep their promises whatever goes wrong, and a hub that doesn't is found out.
// HUBBUB_SIMULATION_SEEDS=N runs so many seeds from HUBBUB_SIMULATION_FROM on, instead of the first few hundred.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>

#include "tests/sim/simulation.hpp"

namespace hubbub::sim {
namespace {

std::uint64_t from_environment(const char* name, std::uint64_t otherwise) {
  const char* const text = std::getenv(name);
  return text == nullptr ? otherwise : std::strtoull(text, nullptr, 10);
}

std::string replay(std::uint64_t seed) {
  return "seed " + std::to_string(seed) + "; bin/simulate --seed " + std::to_string(seed) + " replays it\n";
}

TEST(Simulation, KeepsEveryPromise) {
  const auto first = from_environment("HUBBUB_SIMULATION_FROM", 1);
  const auto seeds = from_environment("HUBBUB_SIMULATION_SEEDS", 300);
  Met met;
  for (auto seed = first; seed < first + seeds; ++seed) {
    const auto outcome = simulate(seed);
    EXPECT_TRUE(outcome.is_well()) << replay(seed) << outcome.text();
    met += outcome.met;
  }
  if (seeds < 100) return;
  // It proves only what happens.
  EXPECT_GT(met.acknowledged, 50 * seeds);
  EXPECT_GT(met.received, 50 * seeds);
  EXPECT_GT(met.losses_told, seeds / 20);
  EXPECT_GT(met.hubs_killed, seeds / 2);
  EXPECT_GT(met.power_cuts, seeds / 4);
  EXPECT_GT(met.ended_in_the_middle, seeds / 2);
  EXPECT_GT(met.full_disks, seeds / 2);
  EXPECT_GT(met.failed_syncs, seeds / 2);
  EXPECT_GT(met.read_only_disks, seeds / 4);
  EXPECT_GT(met.clock_jumps, seeds / 4);
  EXPECT_GT(met.gaps, seeds);
  EXPECT_GT(met.unknown_outcomes, seeds / 10);
  EXPECT_GT(met.refused_in_trouble, seeds / 2);
  EXPECT_GT(met.slow_disks, seeds / 4);
  EXPECT_GT(met.fenced, seeds / 4);
  EXPECT_GT(met.rivals_fenced, seeds / 10);
}

TEST(Simulation, TheSameSeedIsTheSameRun) {
  for (std::uint64_t seed = 1; seed <= 5; ++seed) {
    const auto once = simulate(seed);
    const auto again = simulate(seed);
    EXPECT_EQ(once.text(), again.text());
    EXPECT_GT(once.met.acknowledged, 0U);
    EXPECT_TRUE(once.history.list() == again.history.list()) << "another history";
    EXPECT_TRUE(once.database == again.database) << "another database";
  }
}

/// A bug, and as what it has to be found: by any of these, not by whatever else comes of it.
struct FoundAs {
  Mutant mutant;
  std::vector<test::Wrong> any_of;
};

class SimulationOfAMutant : public testing::TestWithParam<FoundAs> {};

TEST_P(SimulationOfAMutant, IsFoundOutForWhatItDoes) {
  constexpr std::uint64_t seeds_max = 100;
  const auto& [mutant, any_of] = GetParam();
  const auto is_found_by = [&](std::uint64_t seed) {
    const auto outcome = simulate(seed, mutant);
    return std::ranges::any_of(any_of, [&](auto wrong) { return outcome.has(wrong); });
  };
  std::uint64_t seed = 1;
  while (seed <= seeds_max && !is_found_by(seed)) ++seed;
  EXPECT_LE(seed, seeds_max) << "nobody noticed";
  RecordProperty("found_by_seed", static_cast<int>(seed));
}

std::string name_of(const testing::TestParamInfo<FoundAs>& tested) {
  return std::string(mutant_names.at(static_cast<std::size_t>(tested.param.mutant)));
}

using test::Wrong;
INSTANTIATE_TEST_SUITE_P(
    All, SimulationOfAMutant,
    testing::Values(FoundAs{Mutant::acknowledges_before_commit, {Wrong::acknowledged_is_gone}},
                    FoundAs{Mutant::fans_out_before_commit, {Wrong::seen_is_gone, Wrong::two_messages}},
                    FoundAs{Mutant::keeps_windows_in_memory_only, {Wrong::forgotten_producer, Wrong::twice}},
                    FoundAs{Mutant::shares_windows_between_rooms, {Wrong::acknowledged_is_gone, Wrong::two_messages}},
                    FoundAs{Mutant::trims_producers_with_messages, {Wrong::forgotten_producer, Wrong::twice}},
                    FoundAs{Mutant::trims_too_much, {Wrong::trimmed_too_much}},
                    FoundAs{Mutant::fences_nobody, {Wrong::never_sent}},
                    FoundAs{Mutant::fences_in_sessions_only, {Wrong::never_sent}},
                    FoundAs{Mutant::synchronizes_nothing, {Wrong::acknowledged_is_gone}}),
    name_of);

}  // namespace
}  // namespace hubbub::sim
