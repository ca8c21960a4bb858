// What holds clients back: rates, numbers of connections, time.
#include <gtest/gtest.h>

#include "server/core/deadlines.hpp"
#include "server/net/doorkeeper.hpp"
#include "server/session/token_bucket.hpp"

namespace hubbub::server {
namespace {

using proto::CloseReason;
using std::chrono::milliseconds;
using std::chrono::seconds;

// ── TokenBucket ──────────────────────────────────────────────────────────────────────────────────────────────────────

class TokenBucketTest : public testing::Test {
 protected:
  int take_all(TokenBucket& bucket) const {
    int taken = 0;
    while (taken < 1'000'000 && bucket.take(now_)) ++taken;
    return taken;
  }
  SteadyTime now_{std::chrono::hours(5)};
};

TEST_F(TokenBucketTest, GivesItsBurstAtOnceAndThenItsRate) {
  TokenBucket bucket(10, 25);
  EXPECT_EQ(take_all(bucket), 25);
  now_ += milliseconds(500);
  EXPECT_EQ(take_all(bucket), 5);
  now_ += milliseconds(50);
  EXPECT_EQ(take_all(bucket), 0);
  now_ += milliseconds(50);
  EXPECT_EQ(take_all(bucket), 1);
}

TEST_F(TokenBucketTest, SavesUpNoMoreThanItsBurst) {
  TokenBucket bucket(10, 25);
  take_all(bucket);
  now_ += seconds(3600);
  EXPECT_EQ(take_all(bucket), 25);
}

TEST_F(TokenBucketTest, WithoutABurstThatIsASecondsWorth) {
  TokenBucket bucket(10, 0);
  EXPECT_EQ(take_all(bucket), 10);
}

TEST_F(TokenBucketTest, ARateOfZeroIsNoLimit) {
  TokenBucket bucket(0, 5);
  EXPECT_EQ(take_all(bucket), 1'000'000);
}

TEST_F(TokenBucketTest, TimeThatGoesBackGivesNothing) {
  TokenBucket bucket(10, 10);
  take_all(bucket);
  now_ -= seconds(100);
  EXPECT_EQ(take_all(bucket), 0);
}

// ── Doorkeeper ───────────────────────────────────────────────────────────────────────────────────────────────────────

Config::Limits doors(std::uint64_t connections, std::uint64_t per_address) {
  Config::Limits limits;
  limits.connections = connections;
  limits.connections_per_address = per_address;
  return limits;
}

TEST(Doorkeeper, LetsInAsManyAsTheHubMayHave) {
  Doorkeeper door(doors(2, 2));
  EXPECT_EQ(door.enter("10.0.0.1"), std::nullopt);
  EXPECT_EQ(door.enter("10.0.0.2"), std::nullopt);
  EXPECT_EQ(door.enter("10.0.0.3"), CloseReason::hub_full);
}

TEST(Doorkeeper, LetsInAsManyAsOneAddressMayHave) {
  Doorkeeper door(doors(100, 2));
  door.enter("10.0.0.1");
  door.enter("10.0.0.1");
  EXPECT_EQ(door.enter("10.0.0.1"), CloseReason::address_full);
  EXPECT_EQ(door.enter("10.0.0.2"), std::nullopt);
  for (int i = 0; i < 5; ++i) EXPECT_EQ(door.enter("unix"), std::nullopt) << "that is no address";
}

TEST(Doorkeeper, WhoeverLeavesMakesRoom) {
  Doorkeeper door(doors(2, 2));
  door.enter("10.0.0.1");
  door.enter("10.0.0.1");
  door.enter("10.0.0.1");  // one too many, told so, counted until it has gone
  door.leave("10.0.0.1");
  EXPECT_EQ(door.enter("10.0.0.1"), CloseReason::hub_full);
  door.leave("10.0.0.1");
  door.leave("10.0.0.1");
  EXPECT_EQ(door.enter("10.0.0.1"), std::nullopt);
}

TEST(Doorkeeper, TellsSomeOfThoseTooManyWhyAndTurnsTheRestAway) {
  Doorkeeper door(doors(1, 1'000'000));
  int told = 0;
  while (!door.crowded() && told < 100'000) {
    door.enter("10.0.0.1");
    ++told;
  }
  EXPECT_GT(told, 100);
  EXPECT_LT(told, 10'000);
}

TEST(Doorkeeper, HoldsToNewLimits) {
  Doorkeeper door(doors(1, 1));
  door.enter("10.0.0.1");
  door.set_limits(doors(2, 2));
  EXPECT_EQ(door.enter("10.0.0.1"), std::nullopt);
}

// ── Deadlines ────────────────────────────────────────────────────────────────────────────────────────────────────────

class DeadlinesTest : public testing::Test {
 protected:
  static Due due(std::uint32_t slot, milliseconds after) {
    return {start() + after, {0, slot, 1}, Due::What::liveness};
  }
  static SteadyTime start() {
    static const auto now = std::chrono::steady_clock::now();
    return now;
  }
  asio::io_context loop_;
  std::vector<std::uint32_t> come_;
  std::function<void(const Due&)> then_ = [](const Due&) {};
  Deadlines deadlines_{loop_, [this](const Due& due) {
                         come_.push_back(due.session.slot);
                         then_(due);
                       }};
};

TEST_F(DeadlinesTest, ComeInTheOrderOfTheirTimesHoweverTheyWereAdded) {
  for (const std::uint32_t slot : {3, 1, 2}) deadlines_.add(due(slot, milliseconds(slot)));
  loop_.run();
  EXPECT_EQ(come_, (std::vector<std::uint32_t>{1, 2, 3}));
}

TEST_F(DeadlinesTest, NeverComeEarly) {
  const auto wanted = std::chrono::steady_clock::now() + milliseconds(20);
  deadlines_.add({wanted, {0, 1, 1}, Due::What::calls});
  loop_.run();
  EXPECT_GE(std::chrono::steady_clock::now(), wanted);
}

TEST_F(DeadlinesTest, WhatWasRemovedNeitherComesNorIsKept) {
  deadlines_.add(due(1, milliseconds(1)));
  deadlines_.add(due(2, milliseconds(2)));
  deadlines_.add(due(3, std::chrono::hours(1)));
  deadlines_.remove(due(1, milliseconds(1)));
  deadlines_.remove(due(3, std::chrono::hours(1)));
  EXPECT_EQ(deadlines_.size(), 1u);
  loop_.run();
  EXPECT_EQ(come_, std::vector<std::uint32_t>{2});
}

TEST_F(DeadlinesTest, OneThatIsDueAgainAtOnceLeavesTheLoopToOthers) {
  bool others_had_a_turn = false;
  deadlines_.add(due(1, milliseconds(0)));
  then_ = [&](const Due& again) {
    if (!others_had_a_turn) deadlines_.add(again);
    if (come_.size() == 3) asio::post(loop_, [&] { others_had_a_turn = true; });
    ASSERT_LT(come_.size(), 1000u);
  };
  loop_.run();
  EXPECT_TRUE(others_had_a_turn);
}

TEST_F(DeadlinesTest, AnEarlierOneAddedLaterComesFirst) {
  deadlines_.add(due(1, std::chrono::hours(1)));
  deadlines_.add(due(2, milliseconds(1)));
  then_ = [&](const Due&) { loop_.stop(); };
  loop_.run();
  EXPECT_EQ(come_, std::vector<std::uint32_t>{2});
}

}  // namespace
}  // namespace hubbub::server
