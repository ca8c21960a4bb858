// How an operator says how long which rooms are kept.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "server/room_rules.hpp"

namespace hubbub::server {
namespace {

using testing::HasSubstr;

TEST(RoomRule, SaysWhatIsKeptAndForHowLong) {
  const auto rule = parse_room_rule("ci.> durability=fsync messages=100000 bytes=2G age=30d").value();
  EXPECT_EQ(rule.pattern.str(), "ci.>");
  EXPECT_EQ(rule.policy.durability, Durability::fsync);
  EXPECT_EQ(rule.policy.messages, 100'000u);
  EXPECT_EQ(rule.policy.bytes, 2ull << 30);
  EXPECT_EQ(rule.policy.age, std::chrono::hours(24 * 30));
}

TEST(RoomRule, IsShownAsItCanBeRead) {
  for (const auto* const text : {"ci.>", "lobby durability=memory", "> durability=fsync messages=7 bytes=3K age=90s",
                                 "@* age=2w", "a.* bytes=1000", "b age=36h"})
    EXPECT_EQ(show(parse_room_rule(text).value()), text);
  EXPECT_EQ(show(parse_room_rule("  #ci.main\tage=60m  ").value()), "ci.main age=1h");
}

TEST(RoomRule, ANonsenseIsRefusedWithWhatARuleIs) {
  for (const auto* const text : {"ci.> durability=sometimes", "ci.> age=30", "ci.> age=d", "ci.> messages=0",
                                 "ci.> messages=-1", "ci.> bytes=1X", "ci.> colour=red", "ci.> age",
                                 "ci.> age=99999999999999999999w", "ci.> bytes=9999999999999T"}) {
    const auto rule = parse_room_rule(text);
    ASSERT_FALSE(rule) << text;
    EXPECT_THAT(rule.error().sentence, HasSubstr("durability=memory|commit|fsync")) << text;
  }
  EXPECT_FALSE(parse_room_rule("Not A Pattern age=1d"));
  EXPECT_FALSE(parse_room_rule(""));
  EXPECT_THAT(parse_room_rule("x durability=memory age=1d").error().sentence, HasSubstr("tail."));
}

TEST(RoomRules, TheFirstThatMatchesDecidesAndElseARoomIsKeptForEver) {
  const std::vector rules = {parse_room_rule("ci.main messages=5").value(), parse_room_rule("ci.* messages=6").value()};
  EXPECT_EQ(policy_for(rules, RoomName::literal("ci.main")).messages, 5u);
  EXPECT_EQ(policy_for(rules, RoomName::literal("ci.other")).messages, 6u);
  EXPECT_EQ(policy_for(rules, RoomName::literal("lobby")), RoomPolicy{});
}

}  // namespace
}  // namespace hubbub::server
