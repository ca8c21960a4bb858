#include "common/random.hpp"

#include <gtest/gtest.h>

#include <set>

#include "common/clock.hpp"

namespace hubbub {
namespace {

TEST(Random, NeverGivesTheSameIdTwice) {
  std::set<ClientId> seen;
  for (int i = 0; i < 1000; ++i) seen.insert(random128<ClientIdTag>());
  EXPECT_EQ(seen.size(), 1000u);
  EXPECT_FALSE(seen.contains(ClientId{}));
}

TEST(Random, UsesEveryBit) {
  std::uint64_t once = 0, always = ~std::uint64_t{0};
  for (int i = 0; i < 200; ++i) {
    const auto drawn = random64();
    once |= drawn;
    always &= drawn;
  }
  EXPECT_EQ(once, ~std::uint64_t{0});
  EXPECT_EQ(always, 0u);
}

TEST(FakeClock, StandsUntilItIsToldToAdvance) {
  FakeClock clock;
  const auto wall = clock.wall_now();
  const auto steady = clock.steady_now();
  EXPECT_EQ(clock.wall_now(), wall);
  clock.advance(std::chrono::milliseconds(1500));
  EXPECT_EQ(clock.wall_now().ns - wall.ns, 1'500'000'000u);
  EXPECT_EQ(clock.steady_now() - steady, std::chrono::milliseconds(1500));
}

}  // namespace
}  // namespace hubbub
