#include "client/link/backoff.hpp"

#include <gtest/gtest.h>

namespace hubbub::link {
namespace {

using std::chrono::milliseconds;

TEST(Backoff, DoublesFromTheFirstWaitUpToTheLargest) {
  Backoff backoff(milliseconds(100), milliseconds(500));
  const double latest = 0.999999;
  EXPECT_NEAR(backoff.next(latest).count(), 100, 1);
  EXPECT_NEAR(backoff.next(latest).count(), 200, 1);
  EXPECT_NEAR(backoff.next(latest).count(), 400, 1);
  EXPECT_NEAR(backoff.next(latest).count(), 500, 1);
  EXPECT_NEAR(backoff.next(latest).count(), 500, 1);
}

TEST(Backoff, WaitsAtLeastHalfOfTheStep) {
  Backoff backoff(milliseconds(100), milliseconds(10000));
  EXPECT_EQ(backoff.next(0).count(), 50);
  EXPECT_EQ(backoff.next(0.5).count(), 150);
}

TEST(Backoff, NeverSpinsEvenWithTheSmallestStep) {
  Backoff backoff(milliseconds(1), milliseconds(1));
  EXPECT_EQ(backoff.next(0).count(), 1);
}

TEST(Backoff, BeginsAgainAfterAReset) {
  Backoff backoff(milliseconds(100), milliseconds(10000));
  backoff.next(0);
  backoff.next(0);
  backoff.reset();
  EXPECT_EQ(backoff.next(0).count(), 50);
}

}  // namespace
}  // namespace hubbub::link
