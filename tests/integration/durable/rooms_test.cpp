// Rooms outlive the hub: messages and their numbers, names, members, topics, what is retained.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/integration/durable/kept_hub.hpp"

namespace hubbub::test {
namespace {

using testing::ElementsAre;

proto::RoomHistory::Reply history(WireClient& client, const std::string& room, Seq before = {},
                                  std::uint16_t limit = 100) {
  return client.call(proto::RoomHistory{RoomName::literal(room), before, limit}).value();
}

class DurableRooms : public testing::TestWithParam<int> {};

TEST_P(DurableRooms, WhatWasAcknowledgedIsThereWithItsNumber) {
  KeptHub hub;
  auto alice = hub.client("alice");
  const auto room = alice.open("lobby");
  EXPECT_EQ(alice.say(room, "one"), Seq{1});
  EXPECT_EQ(alice.say(room, "two"), Seq{2});
  hub.restart(GetParam());
  auto again = hub.client("alice");
  EXPECT_THAT(bodies(history(again, "lobby")), ElementsAre("one", "two"));
  EXPECT_EQ(again.open("lobby"), room) << "a durable room keeps its id";
}

TEST_P(DurableRooms, NumbersGoOnWhereTheyWere) {
  KeptHub hub;
  for (std::uint64_t round = 0; round < 3; ++round) {
    auto bob = hub.client("bob" + std::to_string(round));
    const auto room = bob.open("lobby");
    for (std::uint64_t i = 1; i <= 5; ++i) EXPECT_EQ(bob.say(room, "x"), Seq{round * 5 + i});
    hub.restart(GetParam());
  }
}

TEST_P(DurableRooms, MembersTopicAndRetainedMessageAreRemembered) {
  KeptHub hub;
  {
    auto alice = hub.client("alice");
    alice.call(proto::RoomJoin{RoomName::literal("lobby")}).value();
    alice.call(proto::RoomSetTopic{RoomName::literal("lobby"), Topic::literal("release day")}).value();
    alice.say(alice.open("lobby"), "21 degrees", proto::Kind::text, proto::flags::retain);
    auto bob = hub.client("bob");
    bob.call(proto::RoomJoin{RoomName::literal("lobby")}).value();
    bob.call(proto::RoomLeave{RoomName::literal("lobby")}).value();
  }
  hub.restart(GetParam());
  auto carol = hub.client("carol");
  const auto members = carol.call(proto::RoomMembers{RoomName::literal("lobby")}).value().members;
  ASSERT_EQ(members.size(), 1u);
  EXPECT_EQ(members[0].name.str(), "alice");
  const auto topic = carol.call(proto::RoomTopic{RoomName::literal("lobby")}).value();
  EXPECT_EQ(topic.topic.str(), "release day");
  EXPECT_EQ(topic.by.str(), "alice");
  carol.subscribe("lobby", proto::From::last);
  const auto retained = proto::decode_value<proto::Delivery>(carol.expect<proto::Retained>().delivery.bytes).value();
  EXPECT_EQ(retained.body.bytes, "21 degrees");
}

TEST_P(DurableRooms, ADirectConversationGoesOnUnderTheOtherOnesNewName) {
  KeptHub hub;
  {
    auto alice = hub.client("alice"), bob = hub.client("bob");
    alice.say(alice.open("@bob"), "psst");
    bob.call(proto::PeopleRename{PersonName::literal("robert")}).value();
  }
  hub.restart(GetParam());
  auto alice = hub.client("alice");
  EXPECT_THAT(bodies(history(alice, "@robert")), ElementsAre("psst"));
  auto eve = hub.client("eve");
  EXPECT_FALSE(eve.call(proto::RoomHistory{RoomName::literal("@alice"), {}, 10}));
}

TEST_P(DurableRooms, AHubKnowsItsDataByTheStoreAndItsMemoryByTheLife) {
  KeptHub hub;
  WireClient before(hub->url());
  const auto first = before.greet("alice");
  hub.restart(GetParam());
  WireClient after(hub->url());
  const auto second = after.greet("alice");
  EXPECT_EQ(first.store, second.store);
  EXPECT_NE(first.store, StoreId{});
  EXPECT_NE(first.life, second.life);
}

INSTANTIATE_TEST_SUITE_P(After, DurableRooms, testing::Values(SIGTERM, SIGKILL),
                         [](const auto& how) { return how.param == SIGTERM ? "AStop" : "AKill"; });

TEST(DurableRoom, HistoryPagesBackToTheFirstMessage) {
  KeptHub hub;
  {
    auto alice = hub.client("alice");
    const auto room = alice.open("lobby");
    for (int i = 1; i <= 1200; ++i) alice.publish(room, std::to_string(i));
    alice.barrier();
    alice.say(room, "1201");
  }
  hub.restart();
  auto alice = hub.client("alice");
  std::uint64_t expected = 1201;
  for (Seq before{}; expected > 0; before = Seq{expected + 1}) {
    const auto page = history(alice, "lobby", before, 500);
    ASSERT_FALSE(page.messages.empty());
    for (auto at = page.messages.rbegin(); at != page.messages.rend(); ++at)
      EXPECT_EQ(proto::decode_value<proto::Delivery>(at->bytes).value().body.bytes, std::to_string(expected--));
  }
}

TEST(DurableRoom, LargeMessagesFillAPageAndNoMore) {
  KeptHub hub;
  {
    auto alice = hub.client("alice");
    const auto room = alice.open("lobby");
    for (int i = 0; i < 40; ++i) alice.say(room, std::string(900'000, static_cast<char>('a' + i % 26)));
  }
  hub.restart();
  auto alice = hub.client("alice");
  const auto page = history(alice, "lobby", {}, 500);
  ASSERT_EQ(page.messages.size(), 1u);
  EXPECT_EQ(proto::decode_value<proto::Delivery>(page.messages[0].bytes).value().seq, Seq{40});
}

TEST(DurableRoom, AReaderIsReadFromDiskAndGoesOnLiveWithoutAGap) {
  KeptHub hub;
  {
    auto alice = hub.client("alice");
    const auto room = alice.open("lobby");
    for (int i = 1; i <= 5000; ++i) alice.publish(room, "old");
    alice.barrier();
    alice.say(room, "old");
  }
  hub.restart();
  auto alice = hub.client("alicia"), bob = hub.client("bob");
  const auto room = alice.open("lobby");
  bob.subscribe("lobby", proto::From::seq, Seq{1});
  for (int i = 0; i < 500; ++i) alice.publish(room, "new");
  for (std::uint64_t seq = 1; seq <= 5501; ++seq) ASSERT_EQ(bob.expect<proto::Delivery>().seq, Seq{seq});
}

TEST(DurableRoom, ASubscriptionBeginsAtATime) {
  KeptHub hub;
  {
    auto alice = hub.client("alice");
    const auto room = alice.open("lobby");
    for (int i = 1; i <= 9; ++i) alice.say(room, std::to_string(i));
  }
  hub.restart();
  auto alice = hub.client("alice");
  const auto fifth = proto::decode_value<proto::Delivery>(history(alice, "lobby", Seq{6}, 1).messages[0].bytes).value();
  const auto first_since = [&](WallTime since) {
    auto reader = hub.client("reader");
    reader.call(proto::RoomSubscribe{Pattern::literal("lobby"), proto::From::time, {}, {}, false, since}).value();
    return reader.expect<proto::Attached>().next;
  };
  EXPECT_EQ(first_since(fifth.time), Seq{5});
  EXPECT_EQ(first_since(WallTime{fifth.time.ns + 1}), Seq{6});
  EXPECT_EQ(first_since(WallTime{1}), Seq{1});
  EXPECT_EQ(first_since(WallTime{fifth.time.ns + 3'600'000'000'000}), Seq{10});
}

TEST(DurableRoom, AQueueGroupIsServedFromDisk) {
  KeptHub hub;
  {
    auto alice = hub.client("alice");
    const auto room = alice.open("jobs");
    for (int i = 1; i <= 300; ++i) alice.publish(room, std::to_string(i));
    alice.barrier();
    alice.say(room, "301");
  }
  hub.restart();
  auto one = hub.client("one"), two = hub.client("two");
  one.subscribe("jobs", proto::From::seq, Seq{1}, "workers");
  std::set<std::uint64_t> seen;
  for (int i = 0; i < 301; ++i) seen.insert(one.expect<proto::Delivery>().seq.value);
  EXPECT_EQ(seen.size(), 301u);
  EXPECT_EQ(*seen.rbegin(), 301u);
}

TEST(DurableRoom, ARuleKeepsARoomInMemoryAlone) {
  KeptHub hub({"--rooms-rules", "metrics.* durability=memory"});
  {
    auto alice = hub.client("alice");
    alice.say(alice.open("metrics.cpu"), "17");
    alice.say(alice.open("lobby"), "hello");
  }
  hub.restart();
  auto bob = hub.client("bob");
  bob.subscribe("lobby");
  EXPECT_TRUE(bob.expect<proto::Attached>().durable);
  EXPECT_FALSE(bob.call(proto::RoomHistory{RoomName::literal("metrics.cpu"), {}, 10})) << "not even its name";
  bob.subscribe("metrics.cpu");
  EXPECT_FALSE(bob.expect<proto::Attached>().durable);
}

TEST(DurableRoom, ATraceTellsWhatAMessageHadToPassInTheLog) {
  KeptHub hub({"--rooms-rules", "metrics.* durability=memory", "--rooms-rules", "money.* durability=fsync"});
  auto alice = hub.client("alice");
  const auto durability_of = [&](const std::string& room) {
    const auto seq = alice.say(alice.open(room), "hi", proto::Kind::text, proto::flags::traced);
    const auto told = alice.call(proto::RoomTrace{RoomName::literal(room), seq});
    EXPECT_LT(told->logged, told->committed);
    EXPECT_LE(told->committed, told->fanned_out);
    return told->durability;
  };
  EXPECT_EQ(durability_of("metrics.cpu"), proto::Durability::memory);
  EXPECT_EQ(durability_of("lobby"), proto::Durability::commit);
  EXPECT_EQ(durability_of("money.in"), proto::Durability::fsync);
}

TEST(DurableRoom, RetentionGivesUpTheOldestAndTellsAReaderFromWhereOnItCanRead) {
  KeptHub hub({"--rooms-rules", "> messages=100"});
  auto alice = hub.client("alice");
  const auto room = alice.open("lobby");
  for (int i = 1; i <= 500; ++i) alice.say(room, "x");
  const auto first = [&] { return history(alice, "lobby").first; };
  wait_until("retention has given up the oldest", [&] { return first() > Seq{300}; });
  EXPECT_LE(first(), Seq{401}) << "at least what the rule says";
  auto bob = hub.client("bob");
  bob.subscribe("lobby", proto::From::seq, Seq{1});
  const auto lost = bob.expect<proto::Lost>();
  EXPECT_EQ(lost.first, Seq{1});
  EXPECT_EQ(bob.expect<proto::Delivery>().seq, lost.last.next());
  hub.restart();
  auto carol = hub.client("carol");
  EXPECT_EQ(carol.say(carol.open("lobby"), "next"), Seq{501}) << "numbers are never used again";
}

TEST(DurableRoom, ChangedRulesHoldAfterAReload) {
  KeptHub hub({}, "[rooms]\nrules = ['ops messages=1000']\n");
  auto alice = hub.client("alice");
  for (const auto* name : {"lobby", "ops"}) {
    const auto room = alice.open(name);
    for (int i = 1; i <= 500; ++i) alice.say(room, "x");
  }
  write_file(hub->config_file(), "[rooms]\nrules = ['lobby messages=100', 'ops messages=1000']\n");
  hub->signal(SIGHUP);
  const auto first = [&](const std::string& room) { return history(alice, room).first; };
  wait_until("what is over the new bound is gone", [&] { return first("lobby") > Seq{300}; });
  EXPECT_LE(first("lobby"), Seq{401}) << "at least what the rule says";
  EXPECT_EQ(first("ops"), Seq{1});
}

}  // namespace
}  // namespace hubbub::test
