#include "client/cli/ipc/log_scale.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace hubbub::ipc {
namespace {

using testing::ElementsAre;

TEST(LogScale, ReachesFromThePowerOfTenBelowToTheOneAbove) {
  const LogScale scale({200, 35'000}, 30);
  EXPECT_THAT(scale.powers(), ElementsAre(100, 1'000, 10'000, 100'000));
}

TEST(LogScale, GivesEachPowerOfTenTheSameWidth) {
  const LogScale scale({100, 100'000}, 30);
  EXPECT_EQ(scale.column_of(100), 0U);
  EXPECT_EQ(scale.column_of(1'000), 10U);
  EXPECT_EQ(scale.column_of(10'000), 20U);
  EXPECT_EQ(scale.column_of(100'000), 30U);
}

TEST(LogScale, KeepsWhatIsBeyondAtItsEnds) {
  const LogScale scale({100, 1'000}, 10);
  EXPECT_EQ(scale.column_of(1), 0U);
  EXPECT_EQ(scale.column_of(1'000'000), 10U);
}

TEST(LogScale, HasAWidthForASingleValueAndForNothing) {
  EXPECT_THAT(LogScale({1'000}, 10).powers(), ElementsAre(1'000, 10'000));
  EXPECT_THAT(LogScale({0}, 10).powers(), ElementsAre(1, 10));
}

}  // namespace
}  // namespace hubbub::ipc
