// Which message is handed to whom, how often, and what becomes of it.
#include <gtest/gtest.h>

#include <map>

#include "server/limits.hpp"
#include "server/rooms/acked_group.hpp"
#include "tests/support/dice.hpp"

namespace hubbub::server {
namespace {

using proto::Verdict;
using Settled = AckedGroup::Settled;
using Time = AckedGroup::Time;
using std::chrono::milliseconds;

constexpr Time start{std::chrono::hours(1)};
constexpr Acks standard{2, 3, 100, 300};

SessionRef member(std::uint32_t number) { return {0, number, 1}; }

AckedGroup group_of(std::uint32_t members, const Acks& acks = standard) {
  AckedGroup group(Seq{1});
  for (std::uint32_t number = 1; number <= members; ++number) {
    group.add(member(number), acks);
    group.set_ready(member(number), true);
  }
  return group;
}

struct HandedOut {
  std::uint32_t member;
  std::uint64_t seq;
  std::uint16_t attempt;
  bool operator==(const HandedOut&) const = default;
};

/// All that can be handed out of messages up to `last`.
std::vector<HandedOut> hand_all(AckedGroup& group, std::uint64_t last, Time now = start) {
  std::vector<HandedOut> all;
  for (auto seq = group.wanted(now); seq && *seq <= Seq{last}; seq = group.wanted(now)) {
    const auto to = group.pick(now);
    if (!to) break;
    all.push_back({to->slot, seq->value, group.hand(*seq, *to)});
  }
  return all;
}

Settled settle(AckedGroup& group, std::uint32_t from, std::uint64_t seq, Verdict verdict, Time now = start) {
  return group.settle(member(from), Seq{seq}, verdict, now);
}

TEST(AckedGroup, GivesEachMemberAsManyAtOnceAsItTakesTheLeastBusyFirst) {
  auto group = group_of(2);
  const auto handed = hand_all(group, 10);
  ASSERT_EQ(handed.size(), 4u);
  for (std::uint64_t i = 0; i < 4; ++i) EXPECT_EQ(handed[i].seq, i + 1);
  EXPECT_NE(handed[0].member, handed[1].member);
  EXPECT_NE(handed[2].member, handed[3].member);
  const auto first = handed[0].member;
  settle(group, first, 1, Verdict::done);
  EXPECT_EQ(hand_all(group, 10), (std::vector<HandedOut>{{first, 5, 1}}));
}

TEST(AckedGroup, AMemberThatIsNotReadyGetsNothing) {
  auto group = group_of(1);
  group.set_ready(member(1), false);
  EXPECT_FALSE(group.has_place(start));
  EXPECT_TRUE(hand_all(group, 3).empty());
}

TEST(AckedGroup, WhatIsDoneIsGoneAndCanNotBeSettledAgain) {
  auto group = group_of(1);
  hand_all(group, 2);
  EXPECT_EQ(settle(group, 1, 1, Verdict::done), Settled::gone);
  EXPECT_EQ(settle(group, 1, 1, Verdict::done), Settled::not_owed);
  EXPECT_EQ(settle(group, 1, 1, Verdict::again), Settled::not_owed);
  EXPECT_EQ(group.unsettled(), 1u);
}

TEST(AckedGroup, NobodySettlesWhatAnotherHasOrNobodyHas) {
  auto group = group_of(2);
  const auto handed = hand_all(group, 1);
  const auto other = handed[0].member == 1 ? 2u : 1u;
  EXPECT_EQ(settle(group, other, 1, Verdict::done), Settled::not_owed);
  EXPECT_EQ(settle(group, 1, 7, Verdict::done), Settled::not_owed);
  EXPECT_EQ(settle(group, 9, 1, Verdict::done), Settled::not_owed);
  EXPECT_EQ(group.out(), 1u);
}

TEST(AckedGroup, WhatFailsWaitsTwiceAsLongEachTimeUpToABound) {
  auto group = group_of(1, {1, 0, 100, 300});
  auto now = start;
  for (const int wait : {100, 200, 300, 300}) {
    hand_all(group, 1, now);
    EXPECT_EQ(settle(group, 1, 1, Verdict::again, now), Settled::waits);
    EXPECT_TRUE(hand_all(group, 1, now + milliseconds(wait - 1)).empty());
    EXPECT_EQ(group.next_due(now), now + milliseconds(wait));
    now += milliseconds(wait);
  }
  EXPECT_EQ(hand_all(group, 1, now), (std::vector<HandedOut>{{1, 1, 5}}));
}

TEST(AckedGroup, OthersAreHandedOutWhileOneWaits) {
  auto group = group_of(1, {1, 0, 100, 100});
  hand_all(group, 1);
  settle(group, 1, 1, Verdict::again);
  EXPECT_EQ(hand_all(group, 2), (std::vector<HandedOut>{{1, 2, 1}}));
  settle(group, 1, 2, Verdict::done);
  EXPECT_EQ(hand_all(group, 3, start + milliseconds(100)), (std::vector<HandedOut>{{1, 1, 2}}));
}

TEST(AckedGroup, WhatFailedAsOftenAsItMayDiesAndIsGoneOnceItIsBuried) {
  auto group = group_of(1, {1, 2, 0, 0});
  hand_all(group, 1);
  EXPECT_EQ(settle(group, 1, 1, Verdict::again), Settled::waits);
  EXPECT_EQ(hand_all(group, 1), (std::vector<HandedOut>{{1, 1, 2}}));
  EXPECT_EQ(settle(group, 1, 1, Verdict::again), Settled::dying);
  EXPECT_EQ(group.failed(Seq{1}), 2);
  EXPECT_TRUE(hand_all(group, 1).empty());
  EXPECT_EQ(group.unsettled(), 1u);
  group.buried(Seq{1});
  EXPECT_EQ(group.unsettled(), 0u);
}

TEST(AckedGroup, AVerdictCanBeDeathAtOnce) {
  auto group = group_of(1);
  hand_all(group, 1);
  EXPECT_EQ(settle(group, 1, 1, Verdict::dead), Settled::dying);
  EXPECT_EQ(group.failed(Seq{1}), 1);
}

TEST(AckedGroup, WhatIsGivenBackGoesToAnotherAtOnceAndCountsNoAttempt) {
  auto group = group_of(2);
  const auto had = hand_all(group, 1)[0].member;
  EXPECT_EQ(settle(group, had, 1, Verdict::back), Settled::waits);
  EXPECT_EQ(hand_all(group, 1), (std::vector<HandedOut>{{had == 1 ? 2u : 1u, 1, 1}}));
}

TEST(AckedGroup, WhoGivesBackIsGivenNothingForAWhile) {
  auto group = group_of(1);
  hand_all(group, 1);
  settle(group, 1, 1, Verdict::back);
  EXPECT_TRUE(hand_all(group, 1).empty());
  EXPECT_EQ(group.next_due(start), start + bounds::group_pause);
  EXPECT_EQ(hand_all(group, 1, start + bounds::group_pause), (std::vector<HandedOut>{{1, 1, 1}}));
}

TEST(AckedGroup, WhatALostMemberHadGoesToAnotherAtOnceAsAFailedAttempt) {
  auto group = group_of(1, {2, 3, 60'000, 60'000});
  hand_all(group, 2);
  EXPECT_TRUE(group.remove(member(1), true).empty());
  group.add(member(2), standard);
  group.set_ready(member(2), true);
  EXPECT_EQ(hand_all(group, 2), (std::vector<HandedOut>{{2, 1, 2}, {2, 2, 2}}));
}

TEST(AckedGroup, AMessageThatKillsItsWorkersDies) {
  auto group = group_of(3, {1, 3, 0, 0});
  for (int worker = 1; worker <= 3; ++worker) {
    const auto handed = hand_all(group, 1);
    ASSERT_EQ(handed.size(), 1u);
    const auto dying = group.remove(member(handed[0].member), true);
    EXPECT_EQ(dying.size(), worker == 3 ? 1u : 0u);
  }
}

TEST(AckedGroup, AMemberThatLeavesInOrderCountsNoAttempt) {
  auto group = group_of(1, {1, 1, 0, 0});
  hand_all(group, 1);
  EXPECT_TRUE(group.remove(member(1), false).empty());
  EXPECT_TRUE(group.remove(member(1), true).empty());
  group.add(member(2), standard);
  group.set_ready(member(2), true);
  EXPECT_EQ(hand_all(group, 1), (std::vector<HandedOut>{{2, 1, 1}}));
}

TEST(AckedGroup, HandsOutNothingNewWhileTooManyAreUnsettled) {
  auto group = group_of(1, {UINT16_MAX, 0, 0, 0});
  EXPECT_EQ(hand_all(group, 10'000).size(), bounds::group_unsettled_max);
  settle(group, 1, 5, Verdict::done);
  EXPECT_EQ(hand_all(group, 10'000).size(), 1u);
  settle(group, 1, 6, Verdict::again);
  EXPECT_EQ(hand_all(group, 10'000), (std::vector<HandedOut>{{1, 6, 2}}));
}

TEST(AckedGroup, WhatTheLogHasGivenUpIsLostButNotWhatIsOut) {
  using Range = AckedGroup::Range;
  auto group = group_of(1, {4, 0, 100, 100});
  hand_all(group, 4);
  settle(group, 1, 1, Verdict::again);
  settle(group, 1, 2, Verdict::again);
  EXPECT_EQ(group.lose_before(Seq{9}), (std::vector<Range>{{Seq{1}, Seq{2}}, {Seq{5}, Seq{8}}}));
  EXPECT_EQ(group.next(), Seq{9});
  EXPECT_EQ(group.out(), 2u);
  EXPECT_EQ(settle(group, 1, 3, Verdict::done), Settled::gone);
}

TEST(AckedGroup, SkipsWhatIsNothingToBeHandled) {
  auto group = group_of(1, {1, 0, 0, 0});
  group.skip(*group.wanted(start));
  hand_all(group, 2);
  settle(group, 1, 2, Verdict::again);
  group.skip(*group.wanted(start));
  EXPECT_EQ(group.unsettled(), 0u);
  EXPECT_EQ(group.wanted(start), Seq{3});
}

TEST(AckedGroup, GoesOnAfterARestartWithWhatWasUnsettledAndHowOftenItHadFailed) {
  auto group = group_of(1, {5, 3, 1000, 1000});
  hand_all(group, 5);
  settle(group, 1, 1, Verdict::done);
  settle(group, 1, 2, Verdict::again);
  settle(group, 1, 4, Verdict::done);
  auto kept = AckedGroup::restore(group.next(), group.state());
  ASSERT_TRUE(kept);
  kept->add(member(2), {9, 3, 0, 0});
  kept->set_ready(member(2), true);
  EXPECT_EQ(hand_all(*kept, 6), (std::vector<HandedOut>{{2, 2, 2}, {2, 3, 1}, {2, 5, 1}, {2, 6, 1}}));
}

TEST(AckedGroup, RefusesAStateThatIsNone) {
  auto group = group_of(1);
  hand_all(group, 2);
  const auto good = group.state();
  for (std::size_t bytes = 0; bytes < good.size(); ++bytes)
    if (bytes % 10 != 1) {
      EXPECT_FALSE(AckedGroup::restore(Seq{3}, std::string_view(good).substr(0, bytes))) << bytes;
    }
  EXPECT_FALSE(AckedGroup::restore(Seq{2}, good)) << "what is unsettled lies before the next one";
  EXPECT_FALSE(AckedGroup::restore(Seq{3}, good + good.substr(1))) << "in order, each once";
}

// ── any order ────────────────────────────────────────────────────────────────────────────────────────────────────────

/// What happens at random, and what has to hold all the time.
class RandomLife {
 public:
  explicit RandomLife(std::uint64_t seed) : dice_(seed) {}

  void run() {
    for (int step = 0; step < 3000 && !testing::Test::HasFailure(); ++step) act();
    finish();
  }

 private:
  static constexpr std::uint64_t messages = 400;

  void act() {
    const auto roll = dice_.below(12);
    if (roll < 2) join();
    if (roll == 2) leave();
    if (roll == 3) now_ += milliseconds(dice_.below(50));
    if (roll >= 4 && roll < 8) hand();
    if (roll >= 8) settle_some();
    if (roll == 11 && dice_.below(10) == 0) restart();
    EXPECT_LE(group_.unsettled(), bounds::group_unsettled_max);
    EXPECT_EQ(group_.out(), out_.size());
  }
  void join() {
    if (here_.size() >= 5) return;
    here_.push_back(member(++members_));
    group_.add(here_.back(), {static_cast<std::uint16_t>(1 + dice_.below(3)), 3, 10, 40});
    group_.set_ready(here_.back(), true);
  }
  void leave() {
    if (here_.empty()) return;
    const auto at = here_.begin() + static_cast<std::ptrdiff_t>(dice_.below(here_.size()));
    const auto gone = *at;
    here_.erase(at);
    const bool is_lost = dice_.below(2) == 0;
    for (const auto seq : group_.remove(gone, is_lost)) die(seq.value);
    std::erase_if(out_, [&](const auto& one) {
      if (one.second != gone) return false;
      if (is_lost) ++failed_[one.first];
      return true;
    });
  }
  void hand() {
    const auto seq = group_.wanted(now_);
    const auto to = seq && seq->value <= messages ? group_.pick(now_) : std::nullopt;
    if (!to) return;
    EXPECT_TRUE(std::ranges::find(here_, *to) != here_.end());
    EXPECT_FALSE(out_.contains(seq->value)) << "never with two at once";
    EXPECT_FALSE(ends_.contains(seq->value)) << "never again once it has ended";
    EXPECT_EQ(group_.hand(*seq, *to), failed_[seq->value] + 1);
    out_[seq->value] = *to;
  }
  void settle_some() {
    if (out_.empty()) return;
    auto at = out_.begin();
    std::advance(at, static_cast<std::ptrdiff_t>(dice_.below(out_.size())));
    const auto [seq, from] = *at;
    const auto verdict = static_cast<Verdict>(dice_.below(4));
    const auto settled = group_.settle(from, Seq{seq}, verdict, now_);
    out_.erase(at);
    EXPECT_EQ(group_.settle(from, Seq{seq}, Verdict::done, now_), Settled::not_owed);
    if (verdict == Verdict::again || verdict == Verdict::dead) ++failed_[seq];
    if (settled == Settled::gone) ++ends_[seq];
    if (settled == Settled::dying) die(seq);
    EXPECT_EQ(settled == Settled::gone, verdict == Verdict::done);
    EXPECT_EQ(settled == Settled::dying, verdict == Verdict::dead || (verdict == Verdict::again && failed_[seq] >= 3));
  }
  void die(std::uint64_t seq) {
    ++ends_[seq];
    group_.buried(Seq{seq});
  }
  void restart() {
    group_ = AckedGroup::restore(group_.next(), group_.state()).value();
    here_.clear();
    out_.clear();
  }
  /// Everything is handled by somebody who handles everything.
  void finish() {
    while (!here_.empty()) leave();
    group_.add(member(++members_), {1, 0, 0, 0});
    group_.set_ready(member(members_), true);
    here_ = {member(members_)};
    now_ += std::chrono::hours(1);
    while (const auto seq = group_.wanted(now_)) {
      if (seq->value > messages) break;
      EXPECT_FALSE(ends_.contains(seq->value));
      group_.hand(*seq, here_[0]);
      group_.settle(here_[0], *seq, Verdict::done, now_);
      ++ends_[seq->value];
    }
    EXPECT_EQ(ends_.size(), messages);
    for (const auto& [seq, times] : ends_) EXPECT_EQ(times, 1) << seq;
    EXPECT_EQ(group_.unsettled(), 0u);
  }

  test::Dice dice_;
  AckedGroup group_{Seq{1}};
  Time now_ = start;
  std::uint32_t members_ = 0;
  std::vector<SessionRef> here_;
  std::map<std::uint64_t, SessionRef> out_;
  std::map<std::uint64_t, int> failed_, ends_;
};

TEST(AckedGroupModel, EachMessageEndsOnceAndIsNeverWithTwoWhateverOrderThingsHappenIn) {
  for (std::uint64_t seed = 1; seed <= 60 && !testing::Test::HasFailure(); ++seed) {
    SCOPED_TRACE(seed);
    RandomLife(seed).run();
  }
}

}  // namespace
}  // namespace hubbub::server
