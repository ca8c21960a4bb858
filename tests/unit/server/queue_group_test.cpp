// Whose turn it is, and which message is next.
#include <gtest/gtest.h>

#include "server/rooms/queue_group.hpp"

namespace hubbub::server {
namespace {

SessionRef member(std::uint32_t number) { return {0, number, 1}; }

QueueGroup group_of(std::uint32_t members, Seq next = Seq{1}) {
  QueueGroup group(next);
  for (std::uint32_t number = 1; number <= members; ++number) {
    group.add(member(number));
    group.set_ready(member(number), true);
  }
  return group;
}

std::vector<std::uint32_t> turns(QueueGroup& group, int count) {
  std::vector<std::uint32_t> slots;
  for (int i = 0; i < count; ++i) {
    const auto picked = group.pick();
    slots.push_back(picked ? picked->slot : 0);
  }
  return slots;
}

TEST(QueueGroup, EveryoneHasATurn) {
  auto group = group_of(3);
  const auto picked = turns(group, 6);
  for (std::uint32_t number = 1; number <= 3; ++number) EXPECT_EQ(std::ranges::count(picked, number), 2);
  EXPECT_EQ(std::vector(picked.begin(), picked.begin() + 3), std::vector(picked.begin() + 3, picked.end()));
}

TEST(QueueGroup, AMemberHasNoTurnBeforeItIsReady) {
  QueueGroup group(Seq{1});
  group.add(member(1));
  EXPECT_FALSE(group.pick());
  group.set_ready(member(1), true);
  EXPECT_EQ(group.pick(), member(1));
}

TEST(QueueGroup, NobodyIsGivenAnythingWhileBehindIfAnotherIsNot) {
  auto group = group_of(3);
  group.set_ready(member(2), false);
  EXPECT_EQ(std::ranges::count(turns(group, 10), 2u), 0);
  group.set_ready(member(2), true);
  EXPECT_EQ(std::ranges::count(turns(group, 9), 2u), 3);
}

TEST(QueueGroup, WithAllMembersBehindItIsNobodysTurn) {
  auto group = group_of(2);
  group.set_ready(member(1), false);
  group.set_ready(member(2), false);
  EXPECT_FALSE(group.pick());
}

TEST(QueueGroup, GoesOnWithTheOthersWhenOneLeaves) {
  for (std::uint32_t leaver = 1; leaver <= 3; ++leaver) {
    auto group = group_of(3);
    turns(group, 3);
    group.remove(member(leaver));
    const auto picked = turns(group, 4);
    EXPECT_EQ(std::ranges::count(picked, leaver), 0);
    EXPECT_EQ(std::ranges::count(picked, 0u), 0);
  }
  auto group = group_of(1);
  group.remove(member(1));
  EXPECT_TRUE(group.empty());
  EXPECT_FALSE(group.pick());
}

TEST(QueueGroup, HandsOutOneSeqAfterTheOther) {
  auto group = group_of(1, Seq{5});
  for (std::uint64_t seq = 5; seq <= 8; ++seq) {
    EXPECT_EQ(group.next(), Seq{seq});
    group.take_next();
  }
}

TEST(QueueGroup, ReturnedMessagesComeFirstLowestFirstAndOnce) {
  auto group = group_of(2);
  for (int i = 0; i < 9; ++i) group.take_next();
  group.give_back(Seq{7}, Seq{8});
  group.give_back(Seq{2}, Seq{3});
  group.give_back(Seq{3}, Seq{3});
  for (const std::uint64_t seq : {2, 3, 7, 8, 10, 11}) {
    EXPECT_EQ(group.next(), Seq{seq});
    group.take_next();
  }
}

TEST(QueueGroup, WhatTheLogHasGivenUpIsLostButNotWhatAMemberGot) {
  using Range = QueueGroup::Range;
  auto group = group_of(1);
  for (int i = 0; i < 9; ++i) group.take_next();
  group.give_back(Seq{2}, Seq{3});
  group.give_back(Seq{6}, Seq{6});
  group.give_back(Seq{9}, Seq{9});
  EXPECT_EQ(group.lose_before(Seq{7}), (std::vector<Range>{{Seq{2}, Seq{3}}, {Seq{6}, Seq{6}}}));
  EXPECT_EQ(group.next(), Seq{9});
  EXPECT_EQ(group.lose_before(Seq{21}), (std::vector<Range>{{Seq{9}, Seq{20}}}));
  EXPECT_EQ(group.next(), Seq{21});
  EXPECT_TRUE(group.lose_before(Seq{21}).empty());
}

}  // namespace
}  // namespace hubbub::server
