#include "client/cli/ping_summary.hpp"

#include <gtest/gtest.h>

namespace hubbub::cli {
namespace {

TEST(PingSummary, HasTheFiguresOfPing8) {
  PingSummary summary;
  summary.sent = 3;
  summary.add(1);
  summary.add(3);
  EXPECT_EQ(summary.str(std::chrono::milliseconds(2000)),
            "3 sent, 2 answered, 33% lost, time 2000 ms\nmin/avg/max/mdev = 1.000/2.000/3.000/1.000 ms\n");
}

TEST(PingSummary, HasNoTimesWithoutAnAnswer) {
  PingSummary summary;
  summary.sent = 1;
  EXPECT_EQ(summary.str(std::chrono::milliseconds(5)), "1 sent, 0 answered, 100% lost, time 5 ms\n");
}

}  // namespace
}  // namespace hubbub::cli
