// When a traced message passed the parts of the hub.
#include <gtest/gtest.h>

#include "tests/support/hub_process.hpp"
#include "tests/support/wire_client.hpp"

namespace hubbub::test {
namespace {

using proto::flags::traced;

class RoomTrace : public testing::TestWithParam<const char*> {
 protected:
  WireClient greeted(const std::string& url, const std::string& name) {
    WireClient client(url);
    client.greet(name);
    return client;
  }
  static auto trace(WireClient& client, const std::string& room, std::uint64_t seq) {
    return client.call(proto::RoomTrace{RoomName::literal(room), Seq{seq}});
  }
  HubProcess hub{{"--cores", GetParam()}};
};
INSTANTIATE_TEST_SUITE_P(Cores, RoomTrace, testing::Values("1", "3"));

TEST_P(RoomTrace, IsInTheOrderOfItsWay) {
  auto alice = greeted(hub.url(), "alice"), bob = greeted(hub.url(), "bob");
  for (const std::string room : {"a", "b", "c"}) {
    SCOPED_TRACE(room);
    bob.subscribe(room);
    const auto seq = alice.say(alice.open(room), "hi", proto::Kind::text, traced);
    const auto told = trace(bob, room, seq.value);
    ASSERT_TRUE(told) << told.error().sentence;
    EXPECT_NE(told->read, WallTime{});
    EXPECT_LE(told->read, told->numbered);
    EXPECT_LE(told->numbered, told->logged);
    EXPECT_LE(told->logged, told->committed);
    EXPECT_LE(told->committed, told->fanned_out);
    EXPECT_EQ(told->readers, 1u);
    EXPECT_FALSE(told->local);
    EXPECT_LT(told->reader_core, 3u);
    EXPECT_LT(told->home_core, 3u);
    EXPECT_EQ(told->durability, proto::Durability::memory);
    EXPECT_EQ(bob.expect<proto::Delivery>().flags, traced) << "those who pass it on know that they are to note it";
  }
}

TEST_P(RoomTrace, TellsWhichWayItCameIn) {
  auto alice = greeted(hub.unix_url(), "");
  const auto seq = alice.say(alice.open("lobby"), "hi", proto::Kind::text, traced);
  EXPECT_TRUE(trace(alice, "lobby", seq.value)->local);
}

TEST_P(RoomTrace, IsOfTracedMessagesOnly) {
  auto alice = greeted(hub.url(), "alice");
  const auto seq = alice.say(alice.open("lobby"), "hi");
  EXPECT_EQ(trace(alice, "lobby", seq.value).error().status, Status::not_found);
  EXPECT_EQ(trace(alice, "lobby", 999).error().status, Status::not_found);
  EXPECT_EQ(trace(alice, "nowhere", 1).error().status, Status::not_found);
}

TEST_P(RoomTrace, OldOnesMakeRoomForNewOnes) {
  auto alice = greeted(hub.url(), "alice");
  const auto room = alice.open("lobby");
  for (int i = 0; i < 256; ++i) alice.publish(room, "hi", proto::Kind::text, traced);
  const auto last = alice.say(room, "hi", proto::Kind::text, traced);
  ASSERT_EQ(last.value, 257u);
  EXPECT_EQ(trace(alice, "lobby", 1).error().status, Status::not_found);
  EXPECT_TRUE(trace(alice, "lobby", 2));
  EXPECT_TRUE(trace(alice, "lobby", 257));
}

TEST_P(RoomTrace, OfADirectConversationIsForTheTwoOnly) {
  auto alice = greeted(hub.url(), "alice"), bob = greeted(hub.url(), "bob"), carol = greeted(hub.url(), "carol");
  const auto seq = alice.say(alice.open("@bob"), "hi", proto::Kind::text, traced);
  EXPECT_TRUE(trace(bob, "@alice", seq.value));
  EXPECT_EQ(trace(carol, "@alice", seq.value).error().status, Status::not_found);
}

}  // namespace
}  // namespace hubbub::test
