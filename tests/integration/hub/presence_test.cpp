// Presence: online, away with a text, idle since, typing, renamed; told to those who subscribed with events.
#include <gtest/gtest.h>

#include "tests/support/hub_process.hpp"
#include "tests/support/wire_client.hpp"

namespace hubbub::test {
namespace {

using proto::EventKind;

class Presence : public testing::Test {
 protected:
  Presence() : watcher_(hub_.url()) {
    watcher_.greet("watcher");
    watcher_.subscribe("lobby", proto::From::now, {}, "", true);
  }
  WireClient member(const Greeting& greeting) {
    WireClient client(hub_.url());
    client.greet(greeting);
    client.call(proto::RoomJoin{lobby_});
    return client;
  }
  WireClient member(const std::string& name) { return member(Greeting{name, {}, {}}); }
  proto::Event heard(EventKind kind) {
    for (;;) {
      auto event = watcher_.expect<proto::Event>();
      if (event.kind == kind) return event;
    }
  }

  HubProcess hub_{{"--cores", "2"}};
  WireClient watcher_;
  RoomName lobby_ = RoomName::literal("lobby");
};

TEST_F(Presence, JoiningAndLeavingAreTold) {
  auto alice = member("alice");
  const auto joined = heard(EventKind::joined);
  EXPECT_EQ(joined.person.name.str(), "alice");
  EXPECT_EQ(joined.person.presence, proto::Presence::online);
  EXPECT_EQ(joined.room, watcher_.open("lobby"));
  alice.call(proto::RoomLeave{lobby_});
  EXPECT_EQ(heard(EventKind::left).person.name.str(), "alice");
}

TEST_F(Presence, AwayIsToldWithItsTextAndSoIsBack) {
  auto alice = member("alice");
  ASSERT_TRUE(alice.call(proto::PeopleAway{AwayText::literal("tea ☕")}));
  auto event = heard(EventKind::presence);
  EXPECT_EQ(event.person.presence, proto::Presence::away);
  EXPECT_EQ(event.person.away.str(), "tea ☕");
  EXPECT_EQ(event.room, RoomId{0});
  const auto who = watcher_.call(proto::PeopleWho{Text::literal("alice")});
  ASSERT_TRUE(who);
  EXPECT_EQ(who->people.at(0).away.str(), "tea ☕");
  alice.call(proto::PeopleAway{});
  event = heard(EventKind::presence);
  EXPECT_EQ(event.person.presence, proto::Presence::online);
}

TEST_F(Presence, OnePersonIsOfflineWhenTheLastSessionHasEnded) {
  const Greeting greeting{"alice", {}, random_id<OwnerKey>()};
  auto desk = member(greeting), phone = member(greeting);
  heard(EventKind::joined);
  desk.close();
  wait_until("the hub has seen one of the two end", [&] { return watcher_.call(proto::HubInfo{})->sessions == 2; });
  EXPECT_FALSE(watcher_.find<proto::Event>()) << "the phone is still there";
  phone.close();
  EXPECT_EQ(heard(EventKind::presence).person.presence, proto::Presence::offline);
  WireClient back(hub_.url());
  back.greet(greeting);
  EXPECT_EQ(heard(EventKind::presence).person.presence, proto::Presence::online) << "still a member";
}

TEST_F(Presence, TypingIsToldToTheRoomByItsMembers) {
  auto alice = member("alice");
  ASSERT_TRUE(alice.call(proto::PeopleTyping{lobby_, true}));
  EXPECT_EQ(heard(EventKind::typing).text.str(), "on");
  ASSERT_TRUE(alice.call(proto::PeopleTyping{lobby_, false}));
  EXPECT_EQ(heard(EventKind::typing).text.str(), "off");
  EXPECT_EQ(watcher_.call(proto::PeopleTyping{lobby_, true}).error().status, Status::failed_precondition);
}

TEST_F(Presence, ANewNameIsToldWithTheOldOneAndUsedFromThenOn) {
  auto alice = member("alice");
  ASSERT_TRUE(alice.call(proto::PeopleRename{PersonName::literal("alicia")}));
  const auto event = heard(EventKind::renamed);
  EXPECT_EQ(event.person.name.str(), "alicia");
  EXPECT_EQ(event.text.str(), "alice");
  alice.say(alice.open("lobby"), "it's me");
  EXPECT_EQ(watcher_.expect<proto::Delivery>().from.str(), "alicia");
  EXPECT_EQ(watcher_.call(proto::RoomMembers{lobby_})->members.at(0).name.str(), "alicia");
  EXPECT_EQ(alice.call(proto::PeopleRename{PersonName::literal("watcher")}).error().status, Status::already_exists);
}

TEST_F(Presence, AProvenNameStays) {
  WireClient local(hub_.unix_url());
  local.greet("");
  EXPECT_EQ(local.call(proto::PeopleRename{PersonName::literal("other")}).error().status, Status::failed_precondition);
}

TEST_F(Presence, ATopicIsTold) {
  auto alice = member("alice");
  alice.call(proto::RoomSetTopic{lobby_, Topic::literal("news")});
  const auto event = heard(EventKind::topic);
  EXPECT_EQ(event.text.str(), "news");
  EXPECT_EQ(event.person.name.str(), "alice");
}

TEST_F(Presence, WhoSpeaksIsNotIdle) {
  auto alice = member("alice");
  const auto room = alice.open("lobby");
  const auto idle_since = [&] {
    return watcher_.call(proto::PeopleWho{Text::literal("alice")})->people.at(0).idle_since;
  };
  auto before = idle_since();
  alice.call(proto::HubPing{});
  EXPECT_GT(idle_since(), before) << "a call counts at once";
  before = idle_since();
  alice.say(room, "hi");
  wait_until("saying something counts", [&] { return idle_since() > before; });
}

TEST_F(Presence, WhoDidNotAskForEventsHearsNone) {
  WireClient quiet(hub_.url());
  quiet.greet("quiet");
  quiet.subscribe("lobby");
  auto alice = member("alice");
  heard(EventKind::joined);
  quiet.call(proto::HubPing{});
  EXPECT_FALSE(quiet.find<proto::Event>());
}

TEST_F(Presence, NobodyOfThatNameIsNotFound) {
  EXPECT_EQ(watcher_.call(proto::PeopleWho{Text::literal("nobody")}).error().status, Status::not_found);
}

}  // namespace
}  // namespace hubbub::test
