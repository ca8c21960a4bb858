// Each limit has its own refusal, with a status and a sentence; none ends a connection that only asked for too much.
#include <gtest/gtest.h>

#include "tests/support/hub_process.hpp"
#include "tests/support/wire_client.hpp"

namespace hubbub::test {
namespace {

using proto::CloseReason;

WireClient greeted(const HubProcess& hub, const std::string& name) {
  WireClient client(hub.url());
  client.greet(name);
  return client;
}

template <class Reply>
void expect_exhausted(WireClient& client, const Result<Reply>& result) {
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().status, Status::resource_exhausted);
  EXPECT_FALSE(result.error().sentence.empty());
  client.barrier();
}

TEST(Limits, OfConnectionsInAllTurnsTheNextOneAwayByName) {
  HubProcess hub({"--limits-connections", "2", "--limits-connections-per-address", "2"});
  auto one = greeted(hub, "one");
  {
    auto two = greeted(hub, "two");
    WireClient third(hub.url());
    const auto closing = third.expect_closing();
    EXPECT_TRUE(closing.reason == CloseReason::hub_full || closing.reason == CloseReason::address_full);
    one.barrier();
  }
  wait_until("there is room again", [&] {
    try {
      WireClient again(hub.url());
      again.greet("again");
      return true;
    } catch (const Failure&) {
      return false;
    }
  });
}

TEST(Limits, OfConnectionsFromOneAddressLeaveRoomForOthers) {
  HubProcess hub({"--limits-connections", "10", "--limits-connections-per-address", "2"});
  auto one = greeted(hub, "one"), two = greeted(hub, "two");
  WireClient third(hub.url());
  EXPECT_EQ(third.expect_closing().reason, CloseReason::address_full);
  WireClient local(hub.unix_url());
  local.greet("");
}

TEST(Limits, OfRooms) {
  HubProcess hub({"--limits-rooms", "3"});
  auto alice = greeted(hub, "alice");
  for (const char* room : {"a", "b", "c"}) alice.open(room);
  expect_exhausted(alice, alice.call(proto::RoomOpen{RoomName::literal("d")}));
  expect_exhausted(alice, alice.call(proto::RoomJoin{RoomName::literal("d")}));
  alice.open("a");
}

TEST(Limits, OfJoinsOfOnePerson) {
  HubProcess hub({"--limits-joins-per-person", "2"});
  auto alice = greeted(hub, "alice");
  for (const char* room : {"a", "b"}) ASSERT_TRUE(alice.call(proto::RoomJoin{RoomName::literal(room)}));
  expect_exhausted(alice, alice.call(proto::RoomJoin{RoomName::literal("c")}));
  ASSERT_TRUE(alice.call(proto::RoomLeave{RoomName::literal("a")}));
  EXPECT_TRUE(alice.call(proto::RoomJoin{RoomName::literal("c")}));
}

TEST(Limits, OfMembersOfARoom) {
  HubProcess hub({"--limits-members-per-room", "1"});
  auto alice = greeted(hub, "alice"), bob = greeted(hub, "bob");
  ASSERT_TRUE(alice.call(proto::RoomJoin{RoomName::literal("a")}));
  expect_exhausted(bob, bob.call(proto::RoomJoin{RoomName::literal("a")}));
}

TEST(Limits, OfPatternsOfASession) {
  HubProcess hub({"--limits-patterns-per-session", "2"});
  auto alice = greeted(hub, "alice");
  alice.subscribe("a.*");
  alice.subscribe("b.*");
  const auto subscribe = [](const char* pattern) {
    return proto::RoomSubscribe{Pattern::literal(pattern), proto::From::now, {}, {}, false};
  };
  expect_exhausted(alice, alice.call(subscribe("c.*")));
  EXPECT_TRUE(alice.call(subscribe("a.*"))) << "the same pattern again is none more";
  EXPECT_TRUE(alice.call(subscribe("a.x"))) << "a single room is no pattern";
  ASSERT_TRUE(alice.call(proto::RoomUnsubscribe{Pattern::literal("b.*")}));
  EXPECT_TRUE(alice.call(subscribe("c.*")));
}

TEST(Limits, OfRoomsThatASessionReceives) {
  HubProcess hub({"--limits-rooms-per-session", "2"});
  auto alice = greeted(hub, "alice");
  alice.subscribe("a");
  alice.subscribe("b");
  expect_exhausted(alice, alice.call(proto::RoomSubscribe{Pattern::literal("c"), proto::From::now, {}, {}, false}));
}

TEST(Limits, OfCallsUnderWay) {
  HubProcess hub({"--limits-calls-in-flight", "3"});
  auto alice = greeted(hub, "alice");
  std::vector<CallId> waiting;
  for (int i = 0; i < 3; ++i) waiting.push_back(alice.start(proto::RoomNext{RoomName::literal("a"), {}}));
  expect_exhausted(alice, alice.call(proto::HubPing{}));
  alice.send(proto::Cancel{waiting[0]});
  EXPECT_EQ(alice.finish<proto::RoomNext>(waiting[0]).error().status, Status::cancelled);
  EXPECT_TRUE(alice.call(proto::HubPing{}));
}

TEST(Limits, OfCallsThatWaitForANextMessage) {
  HubProcess hub({"--cores", "2"});
  auto alice = greeted(hub, "alice");
  for (int i = 0; i < 16; ++i) alice.start(proto::RoomNext{RoomName::literal("a"), {}});
  expect_exhausted(alice, alice.call(proto::RoomNext{RoomName::literal("b"), {}}));
}

TEST(Limits, OfTheMessageRateRefusesWhatIsTooMuchAndTakesItLater) {
  HubProcess hub({"--limits-message-rate", "50", "--limits-message-burst", "10"});
  auto alice = greeted(hub, "alice"), bob = greeted(hub, "bob");
  bob.subscribe("a");
  const auto room = alice.open("a");
  for (int i = 0; i < 30; ++i) alice.publish(room, "x");
  const auto refused = alice.expect<proto::PublishRefused>();
  EXPECT_EQ(refused.status, Status::resource_exhausted);
  EXPECT_FALSE(refused.sentence.empty());
  std::uint64_t sent = refused.expected.value;
  wait_until("the refused one is taken", [&] {
    alice.send(proto::Publish{room, PublishId{sent}, 0, proto::Kind::text, {}, {"again"}});
    alice.barrier();
    while (const auto published = alice.find<proto::Published>())
      if (published->id.value >= sent) return true;
    return false;
  });
  auto last = bob.expect<proto::Delivery>();
  while (last.body.bytes != "again") last = bob.expect<proto::Delivery>();
  EXPECT_EQ(last.seq.value, sent) << "nothing was taken out of turn";
}

TEST(Limits, OfAHistoryPage) {
  HubProcess hub;
  auto alice = greeted(hub, "alice");
  const auto room = alice.open("a");
  for (int i = 0; i < 600; ++i) alice.publish(room, "x");
  while (alice.expect<proto::Published>().id != PublishId{600}) {
  }
  EXPECT_EQ(alice.call(proto::RoomHistory{RoomName::literal("a"), {}, 65535})->messages.size(),
            limits::history_page_messages_max);
  const std::string large(600'000, 'x');
  alice.say(room, large);
  alice.say(room, large);
  const auto page = alice.call(proto::RoomHistory{RoomName::literal("a"), {}, 512});
  ASSERT_TRUE(page);
  EXPECT_EQ(page->messages.size(), 1u) << "as many as fit into a frame";
}

TEST(Limits, OfTheTailForgetTheOldest) {
  HubProcess hub({"--tail-messages", "10"});
  auto alice = greeted(hub, "alice");
  const auto room = alice.open("a");
  for (int i = 1; i <= 100; ++i) alice.say(room, std::to_string(i));
  const auto page = alice.call(proto::RoomHistory{RoomName::literal("a"), {}, 500});
  ASSERT_TRUE(page);
  EXPECT_EQ(page->last, Seq{100});
  EXPECT_GT(page->first, Seq{1});
  auto bob = greeted(hub, "bob");
  bob.subscribe("a", proto::From::seq, Seq{1});
  const auto lost = bob.expect<proto::Lost>();
  EXPECT_EQ(lost.first, Seq{1});
  EXPECT_EQ(bob.expect<proto::Delivery>().seq, lost.last.next());
}

}  // namespace
}  // namespace hubbub::test
