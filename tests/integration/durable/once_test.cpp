// What is sent again takes effect once, over a crash of the hub: publishes by their ids, calls by theirs.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/integration/durable/kept_hub.hpp"

namespace hubbub::test {
namespace {

const auto lobby = RoomName::literal("lobby");

std::vector<std::string> said_in_lobby(WireClient& client) {
  return bodies(client.call(proto::RoomHistory{lobby, {}, 500}).value());
}

void publish(WireClient& client, RoomId room, std::uint64_t id, std::string_view body) {
  client.send(proto::Publish{room, PublishId{id}, 0, proto::Kind::text, {}, {body}});
}

TEST(ExactlyOnce, APublishSentAgainAfterACrashIsAcknowledgedWithItsOldNumber) {
  KeptHub hub;
  {
    auto alice = hub.client("alice");
    const auto room = alice.open("lobby");
    EXPECT_EQ(alice.say(room, "one"), Seq{1});
    EXPECT_EQ(alice.say(room, "two"), Seq{2});
  }
  hub.restart(SIGKILL);
  auto alice = hub.client("alice");
  const auto room = alice.open("lobby");
  publish(alice, room, 1, "one");
  EXPECT_EQ(alice.expect<proto::Published>().seq, Seq{1});
  publish(alice, room, 2, "two");
  EXPECT_EQ(alice.expect<proto::Published>().seq, Seq{2});
  publish(alice, room, 3, "three");
  EXPECT_EQ(alice.expect<proto::Published>().seq, Seq{3});
  EXPECT_THAT(said_in_lobby(alice), testing::ElementsAre("one", "two", "three"));
}

TEST(ExactlyOnce, EachRefusalSaysWhatIsWrong) {
  KeptHub hub;
  {
    auto alice = hub.client("alice");
    const auto room = alice.open("lobby");
    alice.say(room, "one");
    alice.say(room, "two");
  }
  hub.restart(SIGKILL);
  auto alice = hub.client("alice"), bob = hub.client("bob");
  const auto room = alice.open("lobby");
  publish(alice, room, 2, "another two");
  const auto conflict = alice.expect<proto::PublishRefused>();
  EXPECT_EQ(conflict.why, proto::Refusal::conflict);
  publish(alice, room, 5, "five");
  const auto gap = alice.expect<proto::PublishRefused>();
  EXPECT_EQ(gap.why, proto::Refusal::gap);
  EXPECT_EQ(gap.expected, PublishId{3});
  publish(bob, bob.open("lobby"), 7, "seven");
  const auto unknown = bob.expect<proto::PublishRefused>();
  EXPECT_EQ(unknown.why, proto::Refusal::unknown_producer);
  EXPECT_EQ(unknown.expected, PublishId{1});
  EXPECT_THAT(said_in_lobby(alice), testing::ElementsAre("one", "two"));
}

TEST(ExactlyOnce, WhoRegistersLaterFencesOffTheOneBefore) {
  KeptHub hub;
  auto before = hub.client("alice");
  const auto room = before.open("lobby");
  EXPECT_EQ(before.call(proto::ProducerRegister{}).value().epoch, 1u);
  EXPECT_EQ(before.say(room, "one"), Seq{1});
  auto after = hub.client("alice");
  EXPECT_EQ(after.call(proto::ProducerRegister{}).value().epoch, 2u);
  publish(before, room, 2, "from the past");
  EXPECT_EQ(before.expect<proto::PublishRefused>().why, proto::Refusal::fenced);
  after.open("lobby");
  publish(after, room, 2, "two");
  EXPECT_EQ(after.expect<proto::Published>().seq, Seq{2});
  hub.restart(SIGKILL);
  auto third = hub.client("alice");
  EXPECT_EQ(third.call(proto::ProducerRegister{}).value().epoch, 3u);
  EXPECT_THAT(said_in_lobby(third), testing::ElementsAre("one", "two"));
}

TEST(ExactlyOnce, AProducerBelongsToWhoRegisteredIt) {
  KeptHub hub;
  auto alice = hub.client("alice");
  alice.call(proto::ProducerRegister{}).value();
  WireClient eve(hub->url());
  ClientId stolen;
  stolen.bytes = {'a', 'l', 'i', 'c', 'e', 'a', 'l', 'i', 'c', 'e', 'a', 'l', 'i', 'c', 'e', 'a'};
  eve.greet({"eve", stolen, {}, proto::protocol_minor});
  EXPECT_EQ(eve.call(proto::ProducerRegister{}).error().status, Status::permission_denied);
}

/// The second client of the same id begins to count its calls anew, and so repeats the first one's.
TEST(ExactlyOnce, ACallSentAgainAfterACrashGetsItsStoredReply) {
  KeptHub hub;
  const proto::RoomPost post{lobby, proto::Kind::text, false, {}, {"once"}};
  Seq said;
  {
    auto alice = hub.client("alice");
    said = alice.call(post).value().seq;
    alice.call(proto::RoomSetTopic{lobby, Topic::literal("first")}).value();
  }
  {
    auto bob = hub.client("bob");
    bob.call(proto::RoomSetTopic{lobby, Topic::literal("second")}).value();
  }
  hub.restart(SIGKILL);
  auto alice = hub.client("alice");
  EXPECT_EQ(alice.call(post).value().seq, said);
  EXPECT_TRUE(alice.call(proto::RoomSetTopic{lobby, Topic::literal("first")}));
  EXPECT_THAT(said_in_lobby(alice), testing::ElementsAre("once"));
  EXPECT_EQ(alice.call(proto::RoomTopic{lobby}).value().topic.str(), "second") << "set once, and not again";
}

}  // namespace
}  // namespace hubbub::test
