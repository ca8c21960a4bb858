// What is to be posted later is read in its order and its time, each once, whatever the store answers meanwhile.
#include "server/dispatch/later_plan.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>

#include "tests/support/dice.hpp"

namespace hubbub::server {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

WallTime at(std::uint64_t ns) { return WallTime{ns}; }
LaterAdded message(std::uint64_t ns, std::uint64_t id, std::string body = "x") {
  return {LaterId{id}, at(ns), "lobby", OwnerKey{{1}}, "alice", false, 0, 0, {}, std::move(body)};
}
std::vector<std::uint64_t> ids(const std::vector<LaterAdded>& messages) {
  std::vector<std::uint64_t> all;
  for (const auto& one : messages) all.push_back(one.id.value);
  return all;
}

class ALaterPlan : public testing::Test {
 protected:
  LaterPlan plan{{.messages = 4, .bytes = 100, .messages_at_once = 3}};
};

TEST_F(ALaterPlan, WakesForTheFirstThatIsDue) {
  EXPECT_EQ(plan.wake_at(), std::nullopt) << "nothing waits";
  EXPECT_TRUE(plan.added({at(50), LaterId{1}}));
  EXPECT_FALSE(plan.added({at(70), LaterId{2}}));
  EXPECT_TRUE(plan.added({at(30), LaterId{3}}));
  EXPECT_EQ(plan.wake_at(), at(30));
  EXPECT_FALSE(plan.read(at(29)));
  const auto wish = plan.read(at(60));
  ASSERT_TRUE(wish);
  EXPECT_LT(wish->after, (LaterPlace{at(30), LaterId{3}}));
  EXPECT_EQ(wish->until, at(60));
  EXPECT_EQ(plan.wake_at(), std::nullopt) << "one read at a time";
  EXPECT_THAT(ids(plan.found({{message(30, 3), message(50, 1)}, at(70)})), ElementsAre(3, 1));
  EXPECT_EQ(plan.wake_at(), at(70));
}

TEST_F(ALaterPlan, ReadsOnBehindWhatItHasRead) {
  plan.added({at(1), LaterId{1}});
  plan.read(at(9));
  plan.found({{message(1, 1), message(2, 7), message(2, 8)}, at(2)});
  EXPECT_EQ(plan.read(at(9))->after, (LaterPlace{at(2), LaterId{8}}));
}

TEST_F(ALaterPlan, GoesBackForOneThatIsAddedBeforeThat) {
  plan.added({at(10), LaterId{1}});
  plan.read(at(20));
  plan.added({at(5), LaterId{2}});  // a clock was set back
  plan.found({{message(10, 1)}, {}});
  EXPECT_EQ(plan.wake_at(), at(5));
  EXPECT_EQ(plan.read(at(6))->after, (LaterPlace{at(5), LaterId{1}}));
  EXPECT_THAT(ids(plan.found({{message(5, 2), message(10, 1)}, {}})), ElementsAre(2)) << "the other is on its way";
}

TEST_F(ALaterPlan, HasNoMoreUnderWayThanItsBounds) {
  plan.added({at(1), LaterId{1}});
  EXPECT_EQ(plan.read(at(9))->messages_max, 3u);
  plan.found({{message(1, 1), message(1, 2), message(1, 3)}, at(1)});
  EXPECT_EQ(plan.read(at(9))->messages_max, 1u);
  plan.found({{message(1, 4)}, at(1)});
  EXPECT_EQ(plan.read(at(9)), std::nullopt);
  plan.settled(LaterId{2});
  EXPECT_EQ(plan.read(at(9))->messages_max, 1u);
  plan.found({{message(1, 5, std::string(1000, 'x'))}, at(1)});
  for (const auto id : {1, 3, 4}) plan.settled(LaterId{static_cast<std::uint64_t>(id)});
  EXPECT_EQ(plan.read(at(9)), std::nullopt) << "that one alone has too many bytes";
  plan.settled(LaterId{5});
  EXPECT_TRUE(plan.read(at(9)));
}

TEST_F(ALaterPlan, PostsNothingAgainThatAnOlderAnswerStillHas) {
  plan.added({at(10), LaterId{1}});
  plan.read(at(20));
  EXPECT_THAT(ids(plan.found({{message(10, 1)}, {}})), ElementsAre(1));
  plan.added({at(5), LaterId{2}});
  plan.read(at(20));  // the store has read, and answers later
  plan.settled(LaterId{1});
  EXPECT_TRUE(plan.is_gone(LaterId{1})) << "an answer may still have it";
  EXPECT_THAT(ids(plan.found({{message(5, 2), message(10, 1)}, {}})), ElementsAre(2));
  EXPECT_FALSE(plan.is_gone(LaterId{1}));
}

TEST_F(ALaterPlan, CancelsNothingThatIsOnItsWayAndPostsNothingThatIsCancelled) {
  plan.added({at(10), LaterId{1}});
  plan.asked();
  EXPECT_FALSE(plan.is_gone(LaterId{1}));
  plan.cancelled(message(10, 1));
  plan.answered();
  plan.read(at(20));
  EXPECT_THAT(plan.found({{message(10, 1)}, {}}), IsEmpty());
  plan.settled(LaterId{1});
  EXPECT_FALSE(plan.is_gone(LaterId{1}));
  EXPECT_EQ(plan.under_way(), 0u);
}

TEST_F(ALaterPlan, ReadsAgainWhatWasRefusedOnceItGoesOn) {
  plan.added({at(10), LaterId{1}});
  plan.read(at(20));
  plan.found({{message(10, 1)}, {}});
  plan.refused(LaterId{1});
  EXPECT_EQ(plan.wake_at(), std::nullopt);
  plan.resume();
  plan.read(at(20));
  EXPECT_THAT(ids(plan.found({{message(10, 1)}, {}})), ElementsAre(1));
}

TEST_F(ALaterPlan, ReadsAgainWhereItCouldNot) {
  plan.added({at(10), LaterId{1}});
  const auto wish = plan.read(at(20));
  plan.read_failed();
  EXPECT_EQ(plan.wake_at(), std::nullopt);
  plan.resume();
  EXPECT_EQ(plan.read(at(20))->after, wish->after);
}

// A store that answers late, a clock that goes where it likes, refusals and cancellations: in the end each message was
// posted once or cancelled once.
TEST(LaterPlanAndAnyStore, PostOrCancelEachOnce) {
  for (unsigned seed = 1; seed <= 200; ++seed) {
    test::Dice dice(seed);
    LaterPlan plan({.messages = 8, .bytes = 1000, .messages_at_once = 4});
    std::map<LaterPlace, LaterAdded> store;
    std::map<std::uint64_t, int> posted, cancelled;
    std::vector<LaterAdded> on_their_way, leaving;
    std::optional<LaterFound> answer;
    std::uint64_t last = 0, now = 50;
    const auto look = [&](const LaterWish& wish) {
      LaterFound found;
      for (auto one = store.upper_bound(wish.after); one != store.end(); ++one) {
        if (one->first.at > *wish.until || found.messages.size() == wish.messages_max) {
          found.next = one->first.at;
          break;
        }
        found.messages.push_back(one->second);
      }
      return found;
    };
    const auto add = [&](std::uint64_t ns, std::uint64_t id) {
      store.emplace(LaterPlace{at(ns), LaterId{id}}, message(ns, id));
      plan.added({at(ns), LaterId{id}});
    };
    const auto take = [&] {
      if (!answer) return;
      for (auto& one : plan.found(*std::exchange(answer, std::nullopt))) on_their_way.push_back(std::move(one));
    };
    for (int step = 0; step < 400 || !store.empty() || !leaving.empty(); ++step) {
      ASSERT_LT(step, 10'000) << seed;
      const bool adds = step < 400;
      switch (dice.below(7)) {
        case 0:
          if (!adds) break;
          ++last;
          add(dice.below(100), last);
          break;
        case 1: now = adds ? dice.below(100) : 100; break;
        case 2:
          if (auto wish = plan.read(at(now))) answer = look(*wish);
          break;
        case 3: take(); break;
        case 4:
          if (on_their_way.empty()) break;
          if (adds && dice.one_in(4)) {
            plan.refused(on_their_way.back().id);
          } else {
            ++posted[on_their_way.back().id.value];
            leaving.push_back(on_their_way.back());
          }
          on_their_way.pop_back();
          break;
        case 5:
          plan.resume();
          if (leaving.empty()) break;
          store.erase({leaving.back().at, leaving.back().id});
          plan.settled(leaving.back().id);
          leaving.pop_back();
          break;
        case 6: {
          if (store.empty() || !adds) break;
          const auto one = std::next(store.begin(), static_cast<std::ptrdiff_t>(dice.below(store.size())))->second;
          if (answer) break;  // the store keeps the order of its answers
          plan.asked();
          if (!plan.is_gone(one.id)) {
            ++cancelled[one.id.value];
            plan.cancelled(one);
            leaving.push_back(one);
          }
          plan.answered();
          break;
        }
      }
    }
    for (std::uint64_t id = 1; id <= last; ++id) ASSERT_EQ(posted[id] + cancelled[id], 1) << seed << ": " << id;
    EXPECT_EQ(plan.under_way(), 0u);
  }
}

}  // namespace
}  // namespace hubbub::server
