// Rooms by name: members, topics, lists, subscriptions, and how much of each there may be.
#include "tests/unit/server/fake_directory_outlet.hpp"

namespace hubbub::server {
namespace {

using Lines = std::vector<std::string>;
using Set = std::set<std::string>;

// ── members and topics ───────────────────────────────────────────────────────────────────────────────────────────────

class RoomsTest : public DirectoryTest {
 protected:
  SessionRef alice_ = greet("alice", 1), bob_ = greet("bob", 2);
};

TEST_F(RoomsTest, ARoomIsMadeOnceAndHasOneId) {
  const auto room = open(alice_, "lobby");
  EXPECT_EQ(open(bob_, "lobby"), room);
  EXPECT_EQ(outlet_.opened.size(), 1u);
  EXPECT_NE(open(bob_, "dev"), room);
  EXPECT_EQ(directory_.rooms(), 2u);
}

TEST_F(RoomsTest, WhoeverOpensOrJoinsMayPublish) {
  const auto lobby = open(alice_, "lobby");
  const auto dev = join(alice_, "dev");
  EXPECT_EQ(outlet_.admitted[alice_], (std::set{lobby.value, dev.value}));
  EXPECT_FALSE(outlet_.admitted.contains(bob_));
}

TEST_F(RoomsTest, JoiningAndLeavingAreToldOnceEach) {
  subscribe(bob_, "lobby", true);
  join(alice_, "lobby");
  join(alice_, "lobby");
  EXPECT_EQ(heard(bob_), Lines{"joined alice"});
  EXPECT_EQ(members(bob_, "lobby"), Lines{"alice"});
  EXPECT_TRUE(call(alice_, proto::RoomLeave{RoomName::literal("lobby")}));
  EXPECT_EQ(heard(bob_), Lines{"left alice"});
  EXPECT_EQ(members(bob_, "lobby"), Lines{});
}

TEST_F(RoomsTest, LeavingEndsTheSubscriptionToExactlyThatRoom) {
  join(alice_, "lobby");
  subscribe(alice_, "lobby");
  subscribe(alice_, "dev");
  call(alice_, proto::RoomLeave{RoomName::literal("lobby")});
  EXPECT_EQ(received(alice_), Set{"dev"});
}

TEST_F(RoomsTest, WhoeverIsNotInARoomCannotLeaveIt) {
  open(alice_, "lobby");
  EXPECT_EQ(call(alice_, proto::RoomLeave{RoomName::literal("lobby")}).error().status, Status::failed_precondition);
  EXPECT_EQ(call(alice_, proto::RoomLeave{RoomName::literal("nowhere")}).error().status, Status::not_found);
}

TEST_F(RoomsTest, ATopicIsKeptWithWhoSetItAndTold) {
  subscribe(bob_, "lobby", true);
  ASSERT_TRUE(call(alice_, proto::RoomSetTopic{RoomName::literal("lobby"), Topic::literal("tea")}));
  EXPECT_EQ(heard(bob_), Lines{"topic alice: tea"});
  const auto topic = call(bob_, proto::RoomTopic{RoomName::literal("lobby")}).value();
  EXPECT_EQ(topic.topic.str(), "tea");
  EXPECT_EQ(topic.by.str(), "alice");
  EXPECT_EQ(call(bob_, proto::RoomJoin{RoomName::literal("lobby")}).value().topic.str(), "tea");
  EXPECT_EQ(call(bob_, proto::RoomTopic{RoomName::literal("nowhere")}).error().status, Status::not_found);
}

// ── lists ────────────────────────────────────────────────────────────────────────────────────────────────────────────

class ListTest : public RoomsTest {
 protected:
  Lines list(SessionRef who, std::string_view pattern, std::string_view after = {}, std::uint16_t limit = 1000) {
    const auto reply = call(who, proto::RoomList{Pattern::literal(pattern), Text::literal(after), limit}).value();
    more_ = reply.more;
    Lines names;
    for (const auto& room : reply.rooms) names.push_back(room.name.str());
    return names;
  }
  bool more_ = false;
};

TEST_F(ListTest, ListsTheRoomsThatMatchByName) {
  for (const auto room : {"ops", "ci.main", "ci.arm", "lobby"}) open(alice_, room);
  EXPECT_EQ(list(bob_, ">"), (Lines{"ci.arm", "ci.main", "lobby", "ops"}));
  EXPECT_EQ(list(bob_, "ci.*"), (Lines{"ci.arm", "ci.main"}));
  EXPECT_EQ(list(bob_, "nowhere"), Lines{});
}

TEST_F(ListTest, GoesOnAfterAPage) {
  for (const auto room : {"a", "b", "c", "d", "e"}) open(alice_, room);
  EXPECT_EQ(list(bob_, ">", "", 2), (Lines{"a", "b"}));
  EXPECT_TRUE(more_);
  EXPECT_EQ(list(bob_, ">", "b", 2), (Lines{"c", "d"}));
  EXPECT_TRUE(more_);
  EXPECT_EQ(list(bob_, ">", "d", 2), Lines{"e"});
  EXPECT_FALSE(more_);
}

TEST_F(ListTest, SaysWhatARoomIsAndWhetherTheCallerIsIn) {
  const auto lobby = join(alice_, "lobby");
  call(alice_, proto::RoomSetTopic{RoomName::literal("lobby"), Topic::literal("tea")});
  outlet_.opened.at(lobby.value)->last = 42;
  outlet_.opened.at(lobby.value)->subscribers = 3;
  const auto seen = [&](SessionRef who) {
    return call(who, proto::RoomList{Pattern::literal("lobby"), {}, 10}).value().rooms.at(0);
  };
  EXPECT_EQ(seen(alice_).topic.str(), "tea");
  EXPECT_EQ(seen(alice_).last, Seq{42});
  EXPECT_EQ(seen(alice_).members, 1u);
  EXPECT_EQ(seen(alice_).subscribers, 3u);
  EXPECT_TRUE(seen(alice_).joined);
  EXPECT_FALSE(seen(bob_).joined);
}

TEST_F(ListTest, DirectRoomsAreListedToTheirTwoOnlyEachByTheOthersName) {
  const auto zoe = greet("zoe", 3), mike = greet("mike", 4);
  for (const auto other : {"@zoe", "@alice", "@bob"}) open(mike, other);
  EXPECT_EQ(list(mike, "@*"), (Lines{"@alice", "@bob", "@zoe"}));
  EXPECT_EQ(list(mike, "@*", "@alice", 1), Lines{"@bob"});
  EXPECT_EQ(list(zoe, "@*"), Lines{"@mike"});
  EXPECT_EQ(list(mike, ">"), Lines{});
}

TEST_F(ListTest, DirectRoomsStayInOrderOverRenames) {
  const auto mike = greet("mike", 4);
  open(mike, "@alice");
  open(mike, "@bob");
  call(alice_, proto::PeopleRename{PersonName::literal("zelda")});
  EXPECT_EQ(list(mike, "@*"), (Lines{"@bob", "@zelda"}));
  EXPECT_EQ(list(mike, "@*", "@bob"), Lines{"@zelda"});
}

// ── subscriptions ────────────────────────────────────────────────────────────────────────────────────────────────────

using Subscriptions = RoomsTest;

TEST_F(Subscriptions, ToARoomMakesIt) {
  EXPECT_EQ(subscribe(alice_, "lobby")->rooms, 1u);
  EXPECT_EQ(received(alice_), Set{"lobby"});
}

TEST_F(Subscriptions, ToAPatternAttachRoomsThatAreThereAndThoseThatCome) {
  open(bob_, "ci.main");
  open(bob_, "ops");
  EXPECT_EQ(subscribe(alice_, "ci.*")->rooms, 1u);
  EXPECT_EQ(received(alice_), Set{"ci.main"});
  open(bob_, "ci.arm");
  open(bob_, "ci.arm.slow");
  EXPECT_EQ(received(alice_), (Set{"ci.main", "ci.arm"}));
}

TEST_F(Subscriptions, ARoomThatComesIsReceivedFromItsFirstMessage) {
  subscribe(alice_, ">");
  open(bob_, "lobby");
  EXPECT_EQ(outlet_.wishes.back().from, proto::From::seq);
  EXPECT_EQ(outlet_.wishes.back().seq, Seq{1});
}

TEST_F(Subscriptions, ARoomIsReceivedOnceHoweverManyPatternsMatch) {
  open(bob_, "ci.main");
  for (const auto pattern : {"ci.main", "ci.*", ">", "*.main"}) subscribe(alice_, pattern);  // the outlet checks
  open(bob_, "ci.arm");
  EXPECT_EQ(received(alice_), (Set{"ci.main", "ci.arm"}));
}

TEST_F(Subscriptions, WhatAnotherPatternHoldsStays) {
  open(bob_, "ci.main");
  open(bob_, "ci.arm");
  subscribe(alice_, "ci.*");
  subscribe(alice_, "*.main");
  unsubscribe(alice_, "ci.*");
  EXPECT_EQ(received(alice_), Set{"ci.main"});
  open(bob_, "ci.mips");
  EXPECT_EQ(received(alice_), Set{"ci.main"});
  unsubscribe(alice_, "*.main");
  EXPECT_EQ(received(alice_), Set{});
  EXPECT_EQ(unsubscribe(alice_, "*.main").error().status, Status::not_found);
}

TEST_F(Subscriptions, AgainToTheSamePatternChangesNothing) {
  open(bob_, "ci.main");
  for (int i = 0; i < 3; ++i) EXPECT_EQ(subscribe(alice_, "ci.*")->rooms, 1u);
  unsubscribe(alice_, "ci.*");
  EXPECT_EQ(received(alice_), Set{});
  open(bob_, "ci.arm");
  EXPECT_EQ(received(alice_), Set{});
}

TEST_F(Subscriptions, EndWithTheirSession) {
  subscribe(alice_, ">", true);
  end(alice_);
  open(bob_, "lobby");
  join(bob_, "lobby");
  EXPECT_EQ(received(alice_), Set{});
  EXPECT_EQ(heard(alice_), Lines{});
}

TEST_F(Subscriptions, OfOneSessionAreNotThoseOfAnother) {
  const auto second = greet("alice", 1);
  subscribe(alice_, "lobby");
  EXPECT_EQ(received(second), Set{});
}

TEST_F(Subscriptions, AGroupIsAnotherConnectionsMatter) {
  subscribe(alice_, "jobs");
  const auto refused = subscribe(alice_, "jobs", false, "workers");
  EXPECT_EQ(refused.error().status, Status::already_exists);
  EXPECT_EQ(subscribe(bob_, "jobs", false, "workers")->rooms, 1u);
  EXPECT_EQ(outlet_.wishes.back().group.str(), "workers");
}

// ── events ───────────────────────────────────────────────────────────────────────────────────────────────────────────

TEST_F(Subscriptions, OnlyThoseWhoAskedHearEvents) {
  subscribe(alice_, "lobby");
  subscribe(bob_, "lobby", true);
  join(greet("zoe", 3), "lobby");
  EXPECT_EQ(heard(alice_), Lines{});
  EXPECT_EQ(heard(bob_), Lines{"joined zoe"});
}

TEST_F(Subscriptions, EventsOfARoomThatComesLaterAreHeard) {
  subscribe(bob_, "ci.*", true);
  join(alice_, "ci.main");
  EXPECT_EQ(heard(bob_), Lines{"joined alice"});
}

TEST_F(Subscriptions, NoMoreEventsOnceNoPatternAsksForThem) {
  open(bob_, "ci.main");
  subscribe(bob_, "ci.*");
  subscribe(bob_, "ci.main", true);
  unsubscribe(bob_, "ci.main");
  join(alice_, "ci.main");
  EXPECT_EQ(received(bob_), Set{"ci.main"});
  EXPECT_EQ(heard(bob_), Lines{});
}

TEST_F(Subscriptions, TheSamePatternAgainWithoutEventsEndsThem) {
  subscribe(bob_, "lobby", true);
  subscribe(bob_, "lobby", false);
  join(alice_, "lobby");
  EXPECT_EQ(heard(bob_), Lines{});
  subscribe(bob_, "lobby", true);
  call(alice_, proto::RoomLeave{RoomName::literal("lobby")});
  EXPECT_EQ(heard(bob_), Lines{"left alice"});
}

TEST_F(Subscriptions, EventsStayWhileAnotherPatternAsksForThem) {
  subscribe(bob_, "ci.*", true);
  subscribe(bob_, "ci.main", true);
  unsubscribe(bob_, "ci.main");
  join(alice_, "ci.main");
  EXPECT_EQ(heard(bob_), Lines{"joined alice"});
}

// ── direct rooms ─────────────────────────────────────────────────────────────────────────────────────────────────────

using DirectRooms = RoomsTest;

TEST_F(DirectRooms, AreOneRoomSeenFromBothSides) {
  const auto room = open(alice_, "@bob");
  EXPECT_EQ(open(bob_, "@alice"), room);
  EXPECT_EQ(members(alice_, "@bob"), (Lines{"alice", "bob"}));
  subscribe(alice_, "@bob");
  subscribe(bob_, "@alice");
  EXPECT_EQ(received(alice_), Set{"@bob"});
  EXPECT_EQ(received(bob_), Set{"@alice"});
}

TEST_F(DirectRooms, WithOneselfIsForNotes) {
  const auto notes = open(alice_, "@alice");
  EXPECT_NE(notes, open(alice_, "@bob"));
  EXPECT_EQ(members(alice_, "@alice"), Lines{"alice"});
}

TEST_F(DirectRooms, AreOnlyWithSomebodyWhoHasBeenHere) {
  const auto refused = call(alice_, proto::RoomOpen{RoomName::literal("@nobody")});
  EXPECT_EQ(refused.error().status, Status::not_found);
  EXPECT_NE(refused.error().sentence.find("nobody called nobody"), std::string::npos);
}

TEST_F(DirectRooms, ReachEverySessionThatWaitsForThem) {
  const auto second = greet("bob", 2);
  subscribe(bob_, "@*");
  subscribe(second, "@*", true);
  open(alice_, "@bob");
  EXPECT_EQ(received(bob_), Set{"@alice"});
  EXPECT_EQ(received(second), Set{"@alice"});
  EXPECT_EQ(outlet_.wishes.back().seq, Seq{1});
  EXPECT_EQ(received(alice_), Set{});
}

TEST_F(DirectRooms, ThatAreThereAreAttachedByTheirPatternToo) {
  open(alice_, "@bob");
  EXPECT_EQ(subscribe(bob_, "@*")->rooms, 1u);
  EXPECT_EQ(received(bob_), Set{"@alice"});
  unsubscribe(bob_, "@*");
  EXPECT_EQ(received(bob_), Set{});
}

TEST_F(DirectRooms, AreNobodyElsesWhateverTheirPattern) {
  const auto eve = greet("eve", 3);
  open(alice_, "@bob");
  for (const auto pattern : {">", "*", "@*"}) subscribe(eve, pattern);
  open(alice_, "@alice");
  EXPECT_EQ(received(eve), Set{});
}

TEST_F(DirectRooms, PersonsWhoShareOneHearOfEachOther) {
  open(alice_, "@bob");
  subscribe(alice_, "@bob", true);
  end(bob_);
  EXPECT_EQ(heard(alice_), Lines{"presence bob offline"});
}

TEST_F(DirectRooms, CannotBeLeftForGood) {
  const auto room = open(alice_, "@bob");
  subscribe(alice_, "@bob");
  EXPECT_TRUE(call(alice_, proto::RoomLeave{RoomName::literal("@bob")}));
  EXPECT_EQ(received(alice_), Set{});
  EXPECT_EQ(open(alice_, "@bob"), room);
}

// ── limits ───────────────────────────────────────────────────────────────────────────────────────────────────────────

Config small() {
  Config config;
  config.limits.rooms = 6;
  config.limits.members_per_room = 2;
  config.limits.rooms_per_session = 4;
  config.limits.patterns_per_session = 3;
  config.limits.joins_per_person = 2;
  return config;
}

class DirectoryLimits : public DirectoryTest {
 protected:
  DirectoryLimits() : DirectoryTest(small()) {}
  template <class Reply>
  static void expect_refused(const Result<Reply>& result, std::string_view what) {
    ASSERT_FALSE(result);
    EXPECT_EQ(result.error().status, Status::resource_exhausted);
    EXPECT_NE(result.error().sentence.find(what), std::string::npos) << result.error().sentence;
  }
  SessionRef alice_ = greet("alice", 1), bob_ = greet("bob", 2), carol_ = greet("carol", 3);
};

TEST_F(DirectoryLimits, Rooms) {
  for (const auto room : {"a", "b", "c", "d", "e", "f"}) open(alice_, room);
  expect_refused(call(alice_, proto::RoomOpen{RoomName::literal("g")}), "6 rooms");
  expect_refused(call(alice_, proto::RoomOpen{RoomName::literal("@bob")}), "6 rooms");
  expect_refused(subscribe(alice_, "g"), "6 rooms");
  EXPECT_TRUE(call(alice_, proto::RoomOpen{RoomName::literal("a")})) << "those that are there go on";
}

TEST_F(DirectoryLimits, MembersOfARoom) {
  join(alice_, "lobby");
  join(bob_, "lobby");
  expect_refused(call(carol_, proto::RoomJoin{RoomName::literal("lobby")}), "2 members in #lobby");
  EXPECT_TRUE(call(alice_, proto::RoomJoin{RoomName::literal("lobby")}));
}

TEST_F(DirectoryLimits, JoinsOfAPerson) {
  join(alice_, "a");
  join(alice_, "b");
  expect_refused(call(alice_, proto::RoomJoin{RoomName::literal("c")}), "2 rooms that you have joined");
  call(alice_, proto::RoomLeave{RoomName::literal("a")});
  EXPECT_TRUE(call(alice_, proto::RoomJoin{RoomName::literal("c")}));
}

TEST_F(DirectoryLimits, DirectRoomsThatOthersOpenDoNotUseUpMyJoins) {
  open(bob_, "@alice");
  open(carol_, "@alice");
  join(alice_, "a");
  EXPECT_TRUE(call(alice_, proto::RoomJoin{RoomName::literal("b")}));
}

TEST_F(DirectoryLimits, DirectRoomsOfAPerson) {
  open(alice_, "@bob");
  open(alice_, "@carol");
  expect_refused(call(alice_, proto::RoomOpen{RoomName::literal("@alice")}), "direct conversations");
  EXPECT_TRUE(call(alice_, proto::RoomOpen{RoomName::literal("@bob")}));
}

TEST_F(DirectoryLimits, PatternsOfASession) {
  for (const auto pattern : {"x.*", "y.*", "z.*"}) subscribe(alice_, pattern);
  expect_refused(subscribe(alice_, "w.*"), "3 patterns in this session");
  EXPECT_TRUE(subscribe(alice_, "x.*")) << "one that it has is no further one";
  unsubscribe(alice_, "x.*");
  EXPECT_TRUE(subscribe(alice_, "w.*"));
}

TEST_F(DirectoryLimits, RoomsThatASessionReceives) {
  for (const auto room : {"a", "b", "c", "d", "e"}) open(bob_, room);
  expect_refused(subscribe(alice_, ">"), "rooms that this session receives");
  EXPECT_EQ(received(alice_), Set{});
  EXPECT_EQ(subscribe(alice_, "a")->rooms, 1u);
}

TEST_F(DirectoryLimits, RoomsThatASessionHasAlreadyAreNotCountedTwice) {
  for (const auto room : {"a", "b", "c"}) open(bob_, room);
  EXPECT_TRUE(subscribe(alice_, ">"));
  EXPECT_TRUE(subscribe(alice_, "*"));
  EXPECT_TRUE(subscribe(alice_, ">"));
}

TEST_F(DirectoryLimits, ARoomTooManyIsNotAttachedWhenItComesNorItsEventsHeard) {
  subscribe(alice_, ">", true);
  for (const auto room : {"a", "b", "c", "d"}) open(bob_, room);
  join(bob_, "e");
  EXPECT_EQ(received(alice_).size(), 4u);
  EXPECT_EQ(heard(alice_), Lines{});
}

TEST_F(DirectoryLimits, CanBeRaisedWhileTheHubRuns) {
  for (const auto room : {"a", "b", "c", "d", "e", "f"}) open(alice_, room);
  auto config = small();
  config.limits.rooms = 7;
  directory_.reconfigure(config);
  EXPECT_TRUE(call(alice_, proto::RoomOpen{RoomName::literal("g")}));
}

}  // namespace
}  // namespace hubbub::server
