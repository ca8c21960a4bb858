// The index finds for a room exactly the patterns that match it.
#include <gtest/gtest.h>

#include <map>
#include <random>
#include <set>

#include "server/topics/pattern_index.hpp"

namespace hubbub::server {
namespace {

SessionRef session(std::uint32_t number) { return {0, number, 1}; }
Pattern pattern(std::string_view text) { return Pattern::literal(text); }

std::multiset<std::uint32_t> found(const PatternIndex& index, std::string_view room) {
  std::multiset<std::uint32_t> sessions;
  index.match(RoomName::literal(room), [&](const Subscriber& who) { sessions.insert(who.session.slot); });
  return sessions;
}

TEST(PatternIndex, FindsEachSubscriberOncePerPattern) {
  PatternIndex index;
  index.add(pattern("ci.*"), {session(1), {}, false});
  index.add(pattern("ci.>"), {session(1), {}, false});
  index.add(pattern(">"), {session(2), {}, false});
  index.add(pattern("*.main"), {session(3), {}, false});
  index.add(pattern("ops.*"), {session(4), {}, false});
  EXPECT_EQ(found(index, "ci.main"), (std::multiset<std::uint32_t>{1, 1, 2, 3}));
  EXPECT_EQ(found(index, "ci"), (std::multiset<std::uint32_t>{2}));
  EXPECT_EQ(found(index, "ci.main.arm"), (std::multiset<std::uint32_t>{1, 2}));
}

TEST(PatternIndex, KnowsHowSomebodySubscribed) {
  PatternIndex index;
  index.add(pattern("ci.*"), {session(1), GroupName::literal("workers"), true});
  index.match(RoomName::literal("ci.main"), [](const Subscriber& who) {
    EXPECT_EQ(who.group.str(), "workers");
    EXPECT_TRUE(who.events);
  });
}

TEST(PatternIndex, RemovesOnlyThatSessionsPattern) {
  PatternIndex index;
  index.add(pattern("ci.*"), {session(1), {}, false});
  index.add(pattern("ci.*"), {session(2), {}, false});
  index.add(pattern("ci.>"), {session(1), {}, false});
  index.remove(pattern("ci.*"), session(1));
  EXPECT_EQ(found(index, "ci.main"), (std::multiset<std::uint32_t>{1, 2}));
  index.remove(pattern("ci.*"), session(1));
  index.remove(pattern("never.added"), session(1));
  EXPECT_EQ(index.size(), 2u);
}

/// Few tokens, so that rooms and patterns meet often.
std::string random_name(std::mt19937& random, bool wild) {
  static constexpr std::array tokens = {"a", "b", "ab"};
  std::string name;
  const auto count = 1 + random() % 4;
  for (std::size_t i = 0; i < count; ++i) {
    if (i > 0) name += '.';
    const bool last = i + 1 == count;
    const auto kind = random() % 6;
    name += wild && kind == 0 ? "*" : wild && kind == 1 && last ? ">" : tokens[random() % tokens.size()];
  }
  return name;
}

TEST(PatternIndex, AgreesWithMatchesForRandomPatternsAndRooms) {
  std::mt19937 random(1);
  PatternIndex index;
  std::map<std::uint32_t, Pattern> patterns;
  for (std::uint32_t step = 1; step <= 3000; ++step) {
    if (random() % 5 < 2 || patterns.empty()) {
      patterns.emplace(step, pattern(random_name(random, true)));
      index.add(patterns.at(step), {session(step), {}, false});
    } else if (random() % 3 == 0) {
      const auto gone = std::next(patterns.begin(), static_cast<std::ptrdiff_t>(random() % patterns.size()));
      index.remove(gone->second, session(gone->first));
      patterns.erase(gone);
    }
    const auto room = random_name(random, false);
    std::multiset<std::uint32_t> expected;
    for (const auto& [number, each] : patterns)
      if (matches(each, RoomName::literal(room))) expected.insert(number);
    ASSERT_EQ(found(index, room), expected) << room;
    ASSERT_EQ(index.size(), patterns.size());
  }
}

}  // namespace
}  // namespace hubbub::server
