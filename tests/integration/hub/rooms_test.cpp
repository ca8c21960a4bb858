// Rooms: who is in them, what is said in them, who hears it.
#include <gtest/gtest.h>

#include <set>

#include "tests/support/hub_process.hpp"
#include "tests/support/wire_client.hpp"

namespace hubbub::test {
namespace {

using proto::From;
using proto::Kind;

class Rooms : public testing::TestWithParam<const char*> {
 protected:
  WireClient greeted(const std::string& name) {
    WireClient client(hub.url());
    client.greet(name);
    return client;
  }
  HubProcess hub{{"--cores", GetParam()}};
};
INSTANTIATE_TEST_SUITE_P(Cores, Rooms, testing::Values("1", "2", "3"));

std::vector<std::string> names(const std::vector<proto::Person>& people) {
  std::vector<std::string> found;
  for (const auto& person : people) found.push_back(person.name.str());
  return found;
}

TEST_P(Rooms, JoiningMakesAMemberAndLeavingUnmakesIt) {
  auto alice = greeted("alice"), bob = greeted("bob");
  ASSERT_TRUE(alice.call(proto::RoomJoin{RoomName::literal("lobby")}));
  ASSERT_TRUE(bob.call(proto::RoomJoin{RoomName::literal("lobby")}));
  ASSERT_TRUE(bob.call(proto::RoomJoin{RoomName::literal("lobby")})) << "a member may join again";
  EXPECT_EQ(names(bob.call(proto::RoomMembers{RoomName::literal("lobby")})->members),
            (std::vector<std::string>{"alice", "bob"}));
  ASSERT_TRUE(alice.call(proto::RoomLeave{RoomName::literal("lobby")}));
  EXPECT_EQ(names(bob.call(proto::RoomMembers{RoomName::literal("lobby")})->members),
            (std::vector<std::string>{"bob"}));
  EXPECT_EQ(alice.call(proto::RoomLeave{RoomName::literal("lobby")}).error().status, Status::failed_precondition);
  EXPECT_EQ(alice.call(proto::RoomLeave{RoomName::literal("nowhere")}).error().status, Status::not_found);
}

TEST_P(Rooms, OnePersonWithSeveralSessionsIsOneMember) {
  const Greeting greeting{"alice", {}, random_id<OwnerKey>()};
  WireClient desk(hub.url()), phone(hub.url());
  desk.greet(greeting);
  phone.greet(greeting);
  desk.call(proto::RoomJoin{RoomName::literal("lobby")});
  phone.call(proto::RoomJoin{RoomName::literal("lobby")});
  EXPECT_EQ(desk.call(proto::RoomMembers{RoomName::literal("lobby")})->members.size(), 1u);
}

TEST_P(Rooms, AMemberIsRememberedAfterItsSessionHasEnded) {
  auto bob = greeted("bob");
  {
    auto alice = greeted("alice");
    alice.call(proto::RoomJoin{RoomName::literal("lobby")});
  }
  wait_until("alice is offline", [&] {
    const auto members = bob.call(proto::RoomMembers{RoomName::literal("lobby")})->members;
    return members.size() == 1 && members[0].presence == proto::Presence::offline;
  });
}

TEST_P(Rooms, EverySubscriberSeesTheSameMessagesInTheSameOrder) {
  constexpr int publishers = 4, listeners = 6, messages = 200;
  std::vector<WireClient> hear, talk;
  for (int i = 0; i < listeners; ++i) {
    hear.push_back(greeted("l" + std::to_string(i)));
    hear.back().subscribe("lobby");
  }
  for (int i = 0; i < publishers; ++i) talk.push_back(greeted("p" + std::to_string(i)));
  for (auto& client : talk) {
    const auto room = client.open("lobby");
    for (int i = 0; i < messages; ++i) client.publish(room, std::to_string(i));
  }
  std::vector<std::string> first;
  for (auto& client : hear) {
    std::vector<std::string> seen;
    for (std::uint64_t seq = 1; seq <= publishers * messages; ++seq) {
      const auto said = client.expect<proto::Delivery>();
      ASSERT_EQ(said.seq.value, seq) << "1, 2, 3 … without gaps";
      seen.push_back(said.from.str() + ' ' + std::string(said.body.bytes));
    }
    if (first.empty()) first = seen;
    EXPECT_EQ(seen, first);
  }
  for (int p = 0; p < publishers; ++p) {  // each publisher's own order is kept
    const auto prefix = "p" + std::to_string(p) + ' ';
    int next = 0;
    for (const auto& line : first)
      if (line.starts_with(prefix)) {
        EXPECT_EQ(line, prefix + std::to_string(next++));
      }
    EXPECT_EQ(next, messages);
  }
}

TEST_P(Rooms, AMessageComesWithAllThatWasSaid) {
  auto alice = greeted("alice"), bob = greeted("bob");
  bob.subscribe("ci.main");
  const auto room = alice.open("ci.main");
  const std::string bytes("\0\xff\x1b", 3);
  alice.send(proto::Publish{room, {}, 0, Kind::data, {{{"type", "x/y"}, {"a", ""}}}, {bytes}});
  const auto said = bob.expect<proto::Delivery>();
  EXPECT_EQ(said.room, room) << "a room has the same id for everybody";
  EXPECT_EQ(said.from.str(), "alice");
  EXPECT_EQ(said.kind, Kind::data);
  EXPECT_EQ(said.headers, (proto::Headers{{{"type", "x/y"}, {"a", ""}}}));
  EXPECT_EQ(said.body.bytes, bytes);
  EXPECT_GT(said.time.ns, 1'700'000'000'000'000'000u);
  for (const auto kind : {Kind::text, Kind::action, Kind::notice}) {
    alice.say(room, "grüße 👋", kind);
  }
  for (const auto kind : {Kind::text, Kind::action, Kind::notice}) EXPECT_EQ(bob.expect<proto::Delivery>().kind, kind);
}

TEST_P(Rooms, TheTimeOfItsMessagesNeverGoesBack) {
  auto alice = greeted("alice");
  alice.subscribe("lobby");
  const auto room = alice.open("lobby");
  for (int i = 0; i < 100; ++i) alice.publish(room, "x");
  WallTime last;
  for (int i = 0; i < 100; ++i) {
    const auto said = alice.expect<proto::Delivery>();
    EXPECT_GE(said.time, last);
    last = said.time;
  }
}

TEST_P(Rooms, PostingByCallIsSaying) {
  auto alice = greeted("alice"), bob = greeted("bob");
  bob.subscribe("lobby");
  const auto posted =
      alice.call(proto::RoomPost{RoomName::literal("lobby"), Kind::action, false, {{{"k", "v"}}}, {"waves"}});
  ASSERT_TRUE(posted);
  const auto said = bob.expect<proto::Delivery>();
  EXPECT_EQ(said.seq, posted->seq);
  EXPECT_EQ(said.time, posted->time);
  EXPECT_EQ(said.kind, Kind::action);
  EXPECT_EQ(said.headers.list.size(), 1u);
  EXPECT_EQ(said.body.bytes, "waves");
  EXPECT_EQ(alice.call(proto::RoomPost{RoomName::literal("lobby"), Kind::text, false, {}, {"\xff"}}).error().status,
            Status::invalid_argument);
}

TEST_P(Rooms, HistoryPagesBackThroughTheTail) {
  auto alice = greeted("alice");
  const auto room = alice.open("lobby");
  for (int i = 1; i <= 25; ++i) alice.say(room, std::to_string(i));
  std::vector<std::string> read;
  Seq before;
  for (;;) {
    const auto page = alice.call(proto::RoomHistory{RoomName::literal("lobby"), before, 10});
    ASSERT_TRUE(page);
    EXPECT_EQ(page->first, Seq{1});
    EXPECT_EQ(page->last, Seq{25});
    if (page->messages.empty()) break;
    std::vector<std::string> lines;
    for (const auto& blob : page->messages) {
      const auto said = proto::decode_value<proto::Delivery>(blob.bytes);
      ASSERT_TRUE(said);
      if (lines.empty()) before = said->seq;
      lines.emplace_back(said->body.bytes);
      EXPECT_EQ(lines.back(), std::to_string(said->seq.value));
    }
    read.insert(read.begin(), lines.begin(), lines.end());
    if (before == page->first) break;
  }
  ASSERT_EQ(read.size(), 25u);
  EXPECT_EQ(read.front(), "1");
  EXPECT_EQ(read.back(), "25");
  EXPECT_EQ(alice.call(proto::RoomHistory{RoomName::literal("nowhere"), {}, 10}).error().status, Status::not_found);
}

TEST_P(Rooms, HistoryOfAnEmptyRoomIsEmpty) {
  auto alice = greeted("alice");
  alice.open("lobby");
  const auto page = alice.call(proto::RoomHistory{RoomName::literal("lobby"), {}, 10});
  ASSERT_TRUE(page);
  EXPECT_EQ(page->first, Seq{0});
  EXPECT_EQ(page->last, Seq{0});
  EXPECT_TRUE(page->messages.empty());
}

TEST_P(Rooms, ATopicSaysWhatARoomIsAboutAndWhoSaidSo) {
  auto alice = greeted("alice"), bob = greeted("bob");
  alice.open("lobby");
  EXPECT_EQ(bob.call(proto::RoomTopic{RoomName::literal("lobby")})->by.str(), "");
  ASSERT_TRUE(alice.call(proto::RoomSetTopic{RoomName::literal("lobby"), Topic::literal("tea & biscuits ☕")}));
  const auto topic = bob.call(proto::RoomTopic{RoomName::literal("lobby")});
  ASSERT_TRUE(topic);
  EXPECT_EQ(topic->topic.str(), "tea & biscuits ☕");
  EXPECT_EQ(topic->by.str(), "alice");
  EXPECT_GT(topic->at.ns, 0u);
  EXPECT_EQ(bob.call(proto::RoomJoin{RoomName::literal("lobby")})->topic.str(), "tea & biscuits ☕");
}

TEST_P(Rooms, ListsThoseThatMatchByNameAndByPage) {
  auto alice = greeted("alice");
  for (const char* name : {"ci.main", "ci.dev", "ops", "ci.dev.slow"}) alice.open(name);
  const auto list = [&](const char* pattern, const char* after, std::uint16_t limit) {
    const auto rooms = alice.call(proto::RoomList{Pattern::literal(pattern), Text::literal(after), limit});
    std::vector<std::string> found;
    for (const auto& room : rooms->rooms) found.push_back(room.name.str());
    if (rooms->more) found.push_back("…");
    return found;
  };
  using Names = std::vector<std::string>;
  EXPECT_EQ(list(">", "", 100), (Names{"ci.dev", "ci.dev.slow", "ci.main", "ops"}));
  EXPECT_EQ(list("ci.*", "", 100), (Names{"ci.dev", "ci.main"}));
  EXPECT_EQ(list("ci.>", "", 100), (Names{"ci.dev", "ci.dev.slow", "ci.main"}));
  EXPECT_EQ(list(">", "", 2), (Names{"ci.dev", "ci.dev.slow", "…"}));
  EXPECT_EQ(list(">", "ci.dev.slow", 2), (Names{"ci.main", "ops"}));
  EXPECT_EQ(list("none.*", "", 2), Names{});
}

TEST_P(Rooms, AttachedComesBeforeTheFirstMessageAndBeforeTheReply) {
  auto alice = greeted("alice"), bob = greeted("bob");
  const auto room = alice.open("lobby");
  alice.say(room, "before");
  bob.start(proto::RoomSubscribe{Pattern::literal("lobby"), From::seq, Seq{1}, {}, false});
  auto frame = bob.next_frame();
  ASSERT_TRUE(frame);
  EXPECT_EQ(frame->type, proto::Attached::type);
  const auto attached = proto::decode_value<proto::Attached>(frame->payload);
  ASSERT_TRUE(attached);
  EXPECT_EQ(attached->room, room);
  EXPECT_EQ(attached->name.str(), "lobby");
  EXPECT_EQ(attached->next, Seq{1});
  EXPECT_EQ(attached->last, Seq{1});
  std::set<int> then = {bob.next_frame()->type, bob.next_frame()->type};
  EXPECT_EQ(then, (std::set<int>{proto::Delivery::type, proto::Reply::type}));
}

TEST_P(Rooms, APatternReceivesRoomsThatAreThereAndRoomsToCome) {
  auto alice = greeted("alice"), bob = greeted("bob");
  alice.open("ci.main");
  EXPECT_EQ(bob.subscribe("ci.>"), 1u);
  EXPECT_EQ(bob.expect<proto::Attached>().name.str(), "ci.main");
  alice.say(alice.open("ci.dev.slow"), "first of its room");
  const auto attached = bob.expect<proto::Attached>();
  EXPECT_EQ(attached.name.str(), "ci.dev.slow");
  EXPECT_EQ(attached.next, Seq{1});
  EXPECT_EQ(bob.expect<proto::Delivery>().body.bytes, "first of its room");
  alice.say(alice.open("ops"), "elsewhere");
  EXPECT_FALSE(bob.find<proto::Delivery>());
}

TEST_P(Rooms, AMessageComesOnceHoweverManyPatternsMatch) {
  auto alice = greeted("alice"), bob = greeted("bob");
  const auto room = alice.open("ci.main");
  bob.subscribe("ci.main");
  bob.subscribe("ci.*");
  bob.subscribe(">");
  alice.say(room, "once");
  EXPECT_EQ(bob.expect<proto::Delivery>().body.bytes, "once");
  alice.say(room, "end");
  EXPECT_EQ(bob.expect<proto::Delivery>().body.bytes, "end");
  ASSERT_TRUE(bob.call(proto::RoomUnsubscribe{Pattern::literal("ci.main")}));
  ASSERT_TRUE(bob.call(proto::RoomUnsubscribe{Pattern::literal(">")}));
  EXPECT_FALSE(bob.find<proto::Detached>()) << "ci.* still holds the room";
  ASSERT_TRUE(bob.call(proto::RoomUnsubscribe{Pattern::literal("ci.*")}));
  EXPECT_EQ(bob.expect<proto::Detached>().room, room);
  alice.say(room, "unheard");
  EXPECT_FALSE(bob.find<proto::Delivery>());
  EXPECT_EQ(bob.call(proto::RoomUnsubscribe{Pattern::literal("ci.*")}).error().status, Status::not_found);
}

TEST_P(Rooms, ASubscriptionBeginsWhereItIsAskedTo) {
  auto alice = greeted("alice");
  const auto room = alice.open("lobby");
  for (int i = 1; i <= 5; ++i) alice.say(room, std::to_string(i));
  const auto first_of = [&](From from, Seq seq) {
    auto bob = greeted("bob-" + std::to_string(static_cast<int>(from)) + "-" + std::to_string(seq.value));
    bob.subscribe("lobby", from, seq);
    alice.say(room, "next");
    return std::string(bob.expect<proto::Delivery>().body.bytes);
  };
  EXPECT_EQ(first_of(From::now, {}), "next");
  EXPECT_EQ(first_of(From::seq, Seq{2}), "2");
  EXPECT_EQ(first_of(From::last, {}), "next") << "the newest, which is the one said before";
}

TEST_P(Rooms, TheRetainedMessageIsForWhoAsksForTheLast) {
  auto alice = greeted("alice"), bob = greeted("bob");
  const auto room = alice.open("weather");
  alice.say(room, "sunny", Kind::text, proto::flags::retain);
  alice.say(room, "by the way");
  bob.subscribe("weather", From::last);
  const auto retained = bob.expect<proto::Retained>();
  const auto said = proto::decode_value<proto::Delivery>(retained.delivery.bytes);
  ASSERT_TRUE(said);
  EXPECT_EQ(said->body.bytes, "sunny");
  EXPECT_EQ(said->seq, Seq{1});
  EXPECT_EQ(said->flags, proto::flags::retain);
  alice.say(room, "rain", Kind::text, proto::flags::retain);
  EXPECT_EQ(bob.expect<proto::Delivery>().body.bytes, "rain") << "a retained message is said like any other";
  auto carol = greeted("carol");
  carol.subscribe("weather", From::now);
  EXPECT_FALSE(carol.find<proto::Retained>());
  alice.say(room, "", Kind::text, proto::flags::retain);
  auto dave = greeted("dave");
  dave.subscribe("weather", From::last);
  EXPECT_FALSE(dave.find<proto::Retained>()) << "an empty one clears it";
}

TEST_P(Rooms, OfAQueueGroupOneGetsEachMessage) {
  constexpr int workers = 3, messages = 90;
  auto alice = greeted("alice"), observer = greeted("observer");
  std::vector<WireClient> group;
  for (int i = 0; i < workers; ++i) {
    group.push_back(greeted("worker-" + std::to_string(i)));
    group.back().subscribe("jobs", From::now, {}, "crew");
  }
  observer.subscribe("jobs");
  const auto room = alice.open("jobs");
  for (int i = 0; i < messages; ++i) alice.say(room, std::to_string(i));
  for (int i = 0; i < messages; ++i) EXPECT_EQ(observer.expect<proto::Delivery>().body.bytes, std::to_string(i));
  std::multiset<std::uint64_t> got;
  for (auto& worker : group) {
    EXPECT_EQ(worker.expect<proto::Attached>().group.str(), "crew");
    int mine = 0;
    while (const auto said = worker.find<proto::Delivery>()) {
      got.insert(said->seq.value);
      ++mine;
    }
    EXPECT_GT(mine, 0) << "everybody has a turn";
  }
  EXPECT_EQ(got.size(), static_cast<std::size_t>(messages));
  EXPECT_EQ(std::set<std::uint64_t>(got.begin(), got.end()).size(), got.size()) << "nobody gets what another got";
}

TEST_P(Rooms, AGroupGoesOnWithoutAMemberThatHasGone) {
  auto alice = greeted("alice"), stays = greeted("stays");
  const auto room = alice.open("jobs");
  stays.subscribe("jobs", From::now, {}, "crew");
  {
    auto goes = greeted("goes");
    goes.subscribe("jobs", From::now, {}, "crew");
    goes.send(proto::Goodbye{});
    goes.expect_end();
  }
  for (int i = 0; i < 10; ++i) alice.say(room, "job");
  for (int i = 0; i < 10; ++i) stays.expect<proto::Delivery>();
}

// ── direct conversations ──

TEST_P(Rooms, ADirectMessageReachesWhoWantsToBeSpokenTo) {
  auto alice = greeted("alice"), bob = greeted("bob"), eve = greeted("eve");
  EXPECT_EQ(bob.subscribe("@*"), 0u);
  eve.subscribe("@*");
  eve.subscribe(">");
  const auto room = alice.open("@bob");
  alice.say(room, "psst");
  const auto attached = bob.expect<proto::Attached>();
  EXPECT_EQ(attached.name.str(), "@alice") << "each knows it by the other's name";
  EXPECT_EQ(attached.room, room);
  EXPECT_EQ(bob.expect<proto::Delivery>().body.bytes, "psst");
  bob.say(attached.room, "what?");
  alice.subscribe("@bob", From::seq, Seq{1});
  EXPECT_EQ(alice.expect<proto::Attached>().name.str(), "@bob");
  EXPECT_EQ(alice.expect<proto::Delivery>().body.bytes, "psst");
  EXPECT_EQ(alice.expect<proto::Delivery>().body.bytes, "what?");
  EXPECT_FALSE(eve.find<proto::Attached>()) << "nobody else hears of it";
  EXPECT_TRUE(eve.call(proto::RoomList{})->rooms.empty());
}

TEST_P(Rooms, ADirectRoomCantBeEnteredByItsIdOrByAnyName) {
  auto alice = greeted("alice"), bob = greeted("bob"), eve = greeted("eve");
  const auto room = alice.open("@bob");
  alice.say(room, "psst");
  eve.send(proto::Publish{room, PublishId{1}, 0, Kind::text, {}, {"me too"}});
  EXPECT_EQ(eve.expect<proto::PublishRefused>().status, Status::not_found);
  EXPECT_NE(eve.open("@bob"), room) << "eve's conversation with bob is another one";
  EXPECT_TRUE(eve.call(proto::RoomHistory{RoomName::literal("@bob"), {}, 10})->messages.empty());
}

TEST_P(Rooms, ADirectConversationWithNobodyIsNotFound) {
  auto alice = greeted("alice");
  EXPECT_EQ(alice.call(proto::RoomOpen{RoomName::literal("@nobody")}).error().status, Status::not_found);
}

TEST_P(Rooms, TheNextMessageCanBeWaitedFor) {
  auto alice = greeted("alice"), bob = greeted("bob");
  const auto room = alice.open("lobby");
  alice.say(room, "old");
  const auto waiting = bob.start(proto::RoomNext{RoomName::literal("lobby"), {}});
  bob.barrier();
  alice.say(room, "new");
  const auto next = bob.finish<proto::RoomNext>(waiting);
  ASSERT_TRUE(next);
  EXPECT_EQ(proto::decode_value<proto::Delivery>(next->message.bytes)->body.bytes, "new");
  alice.say(room, "newer");
  EXPECT_EQ(
      proto::decode_value<proto::Delivery>(bob.call(proto::RoomNext{RoomName::literal("lobby"), Seq{1}})->message.bytes)
          ->body.bytes,
      "new");
}

}  // namespace
}  // namespace hubbub::test
