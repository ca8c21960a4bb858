// Who is who on the hub, who is there, and what others are told of it.
#include "tests/unit/server/fake_directory_outlet.hpp"

namespace hubbub::server {
namespace {

using proto::CloseReason;
using proto::Presence;
using Lines = std::vector<std::string>;
using Welcomed = FakeDirectoryOutlet::Welcomed;

// ── names ────────────────────────────────────────────────────────────────────────────────────────────────────────────

using Names = DirectoryTest;

TEST_F(Names, AClaimedNameIsGivenAndMarkedUnverified) {
  EXPECT_EQ(outlet_.welcomed[greet("alice", 1)], (Welcomed{"alice", false}));
}

TEST_F(Names, TwoPeopleNeverShareAName) {
  greet("alice", 1);
  const auto other = greet("alice", 2);
  EXPECT_EQ(outlet_.closed.at(other), CloseReason::name_taken);
  EXPECT_FALSE(outlet_.welcomed.contains(other));
  EXPECT_EQ(directory_.sessions(), 1u);
}

TEST_F(Names, TheSameSecretIsTheSamePerson) {
  greet("alice", 1);
  EXPECT_EQ(outlet_.welcomed[greet("alice", 1)], (Welcomed{"alice", false}));
  EXPECT_EQ(directory_.people(), 1u);
  EXPECT_EQ(directory_.sessions(), 2u);
}

TEST_F(Names, OnePersonOfAMachineMayHaveSeveralNames) {
  greet("alice", 1);
  EXPECT_EQ(outlet_.welcomed[greet("alice-bot", 1)].name, "alice-bot");
}

TEST_F(Names, WhoeverWantsNoNameIsAGuestWithANameOfTheirOwn) {
  greet("guest-2", 1);
  std::set<std::string> names;
  for (std::uint8_t owner = 2; owner < 6; ++owner) names.insert(outlet_.welcomed[greet("", owner)].name);
  EXPECT_EQ(names.size(), 4u);
  EXPECT_FALSE(names.contains("guest-2"));
  EXPECT_TRUE(names.contains("guest-1"));
}

TEST_F(Names, ANameIsFreeAgainOnceNobodyUsesOrKeepsIt) {
  end(greet("alice", 1));
  EXPECT_EQ(outlet_.welcomed[greet("alice", 2)].name, "alice");
}

TEST_F(Names, AMembersNameStaysTheirsWhileTheyAreAway) {
  const auto alice = greet("alice", 1);
  join(alice, "lobby");
  end(alice);
  EXPECT_EQ(outlet_.closed.at(greet("alice", 2)), CloseReason::name_taken);
  EXPECT_EQ(outlet_.welcomed[greet("alice", 1)].name, "alice");
}

TEST_F(Names, WhoTakesTheNameOfAnOwnerWhoIsAwayOwnsNothingOfTheirs) {
  const auto alice = greet("alice", 1);
  open(alice, "lobby");
  EXPECT_EQ(call(alice, proto::RoomList{})->rooms.at(0).owner.str(), "alice");
  end(alice);
  const auto another = greet("alice", 2);
  EXPECT_EQ(outlet_.welcomed[another].name, "alice");
  EXPECT_EQ(call(another, proto::RoomList{})->rooms.at(0).owner.str(), "");
}

TEST_F(Names, AProvenNameIsVerifiedWhateverTheClientWants) {
  EXPECT_EQ(outlet_.welcomed[greet_proven("root", 0)], (Welcomed{"root", true}));
}

TEST_F(Names, NobodyTakesAProvenName) {
  end(greet_proven("alice", 1000));
  EXPECT_EQ(outlet_.closed.at(greet("alice", 1)), CloseReason::name_taken);
  EXPECT_EQ(outlet_.closed.at(greet_proven("alice", 1001)), CloseReason::name_taken);
}

TEST_F(Names, AProvenPersonTakesTheirNameBack) {
  const auto impostor = greet("alice", 1);
  const auto second = greet("alice", 1);
  const auto alice = greet_proven("alice", 1000);
  EXPECT_EQ(outlet_.closed.at(impostor), CloseReason::name_reclaimed);
  EXPECT_EQ(outlet_.closed.at(second), CloseReason::name_reclaimed);
  EXPECT_EQ(outlet_.welcomed.at(alice), (Welcomed{"alice", true}));
  EXPECT_EQ(directory_.sessions(), 1u);
  EXPECT_EQ(directory_.people(), 1u);
  end(impostor);  // its session says so too, in its time
  EXPECT_EQ(directory_.sessions(), 1u);
}

TEST_F(Names, AReclaimedNameBringsNoMemberships) {
  const auto impostor = greet("alice", 1);
  join(impostor, "lobby");
  const auto watcher = greet("bob", 2);
  subscribe(watcher, "lobby", true);
  const auto alice = greet_proven("alice", 1000);
  EXPECT_EQ(heard(watcher), (Lines{"presence alice offline", "left alice"}));
  EXPECT_EQ(members(alice, "lobby"), Lines{});
}

TEST_F(Names, TheConversationWithAnImpostorIsNobodyElses) {
  const auto bob = greet("bob", 2);
  greet("alice", 1);
  const auto with_impostor = open(bob, "@alice");
  subscribe(bob, "@alice", true);
  const auto alice = greet_proven("alice", 1000);
  EXPECT_EQ(received(bob), std::set<std::string>{}) << "it has ended";
  EXPECT_NE(open(bob, "@alice"), with_impostor);
  EXPECT_NE(open(bob, "@bob"), with_impostor);
  EXPECT_EQ(open(alice, "@bob"), open(bob, "@alice"));
  EXPECT_EQ(received(bob), std::set<std::string>{});
  EXPECT_EQ(subscribe(bob, "@alice").value().rooms, 1u);
}

// ── renaming ─────────────────────────────────────────────────────────────────────────────────────────────────────────

using Renaming = DirectoryTest;

TEST_F(Renaming, EverySessionOfThePersonHasTheNewName) {
  const auto one = greet("alice", 1), two = greet("alice", 1);
  ASSERT_TRUE(call(one, proto::PeopleRename{PersonName::literal("alicia")}));
  EXPECT_EQ(outlet_.welcomed[one].name, "alicia");
  EXPECT_EQ(outlet_.welcomed[two].name, "alicia");
  EXPECT_EQ(outlet_.welcomed[greet("alice", 2)].name, "alice") << "free for others";
  EXPECT_EQ(outlet_.welcomed[greet("alicia", 1)].name, "alicia");
}

TEST_F(Renaming, RoomsAndTheirWatchersFollow) {
  const auto alice = greet("alice", 1), bob = greet("bob", 2);
  join(alice, "lobby");
  join(alice, "dev");
  subscribe(bob, "lobby", true);
  subscribe(bob, "dev", true);
  call(alice, proto::PeopleRename{PersonName::literal("alicia")});
  EXPECT_EQ(members(bob, "lobby"), Lines{"alicia"});
  EXPECT_EQ(heard(bob), Lines{"renamed alicia: alice"}) << "once, though they share two rooms";
  EXPECT_TRUE(call(alice, proto::RoomLeave{RoomName::literal("lobby")}));
  EXPECT_EQ(members(bob, "lobby"), Lines{});
}

TEST_F(Renaming, ATakenNameIsRefused) {
  const auto alice = greet("alice", 1);
  greet("bob", 2);
  const auto refused = call(alice, proto::PeopleRename{PersonName::literal("bob")});
  EXPECT_EQ(refused.error().status, Status::already_exists);
  EXPECT_NE(refused.error().sentence.find("bob is taken"), std::string::npos);
  EXPECT_TRUE(call(alice, proto::PeopleRename{PersonName::literal("alice")})) << "one's own is not";
}

TEST_F(Renaming, AProvenNameStays) {
  const auto root = greet_proven("root", 0);
  EXPECT_EQ(call(root, proto::PeopleRename{PersonName::literal("boss")}).error().status, Status::failed_precondition);
}

TEST_F(Renaming, ADirectRoomGoesOnUnderTheNewName) {
  const auto alice = greet("alice", 1), bob = greet("bob", 2);
  const auto room = open(bob, "@alice");
  call(alice, proto::PeopleRename{PersonName::literal("alicia")});
  EXPECT_EQ(open(bob, "@alicia"), room);
  EXPECT_EQ(open(alice, "@bob"), room);
  EXPECT_EQ(call(bob, proto::RoomOpen{RoomName::literal("@alice")}).error().status, Status::not_found);
}

TEST_F(Renaming, WhoeverTakesTheOldNameGetsADirectRoomOfTheirOwn) {
  const auto alice = greet("alice", 1), bob = greet("bob", 2);
  const auto before = open(bob, "@alice");
  call(alice, proto::PeopleRename{PersonName::literal("alicia")});
  greet("alice", 3);
  EXPECT_NE(open(bob, "@alice"), before);
  EXPECT_EQ(open(bob, "@alicia"), before);
}

TEST_F(Renaming, ASubscriptionToADirectRoomEndsByTheOldNameAndByTheNew) {
  const auto alice = greet("alice", 1), bob = greet("bob", 2);
  subscribe(bob, "@alice");
  call(alice, proto::PeopleRename{PersonName::literal("alicia")});
  EXPECT_EQ(received(bob), std::set<std::string>{"@alice"});
  EXPECT_TRUE(unsubscribe(bob, "@alice"));
  EXPECT_EQ(received(bob), std::set<std::string>{});

  subscribe(bob, "@alicia");
  call(alice, proto::PeopleRename{PersonName::literal("ally")});
  EXPECT_TRUE(call(bob, proto::RoomLeave{RoomName::literal("@ally")}));
  EXPECT_EQ(received(bob), std::set<std::string>{});
}

// ── presence ─────────────────────────────────────────────────────────────────────────────────────────────────────────

class PresenceTest : public DirectoryTest {
 protected:
  PresenceTest() {
    join(alice_, "lobby");
    join(alice_, "dev");
    for (const auto room : {"lobby", "dev"}) subscribe(bob_, room, true);
  }
  SessionRef alice_ = greet("alice", 1), bob_ = greet("bob", 2);
};

TEST_F(PresenceTest, OnePersonWithSeveralSessionsIsOneMember) {
  const auto second = greet("alice", 1);
  join(second, "lobby");
  EXPECT_EQ(members(bob_, "lobby"), Lines{"alice"});
  EXPECT_EQ(heard(bob_), Lines{}) << "nothing has changed";
  end(alice_);
  EXPECT_EQ(heard(bob_), Lines{}) << "she is still there";
  EXPECT_EQ(person(bob_, "alice").presence, Presence::online);
  end(second);
  EXPECT_EQ(heard(bob_), Lines{"presence alice offline"}) << "once, though they share two rooms";
  EXPECT_EQ(person(bob_, "alice").presence, Presence::offline);
}

TEST_F(PresenceTest, SomebodyWhoComesBackIsShownOnceAndIsStillAMember) {
  end(alice_);
  heard(bob_);
  greet("alice", 1);
  EXPECT_EQ(heard(bob_), Lines{"presence alice online"});
  EXPECT_EQ(members(bob_, "lobby"), Lines{"alice"});
}

TEST_F(PresenceTest, AwayIsToldWithItsReasonOnceAndHoldsInEverySession) {
  const auto second = greet("alice", 1);
  call(alice_, proto::PeopleAway{AwayText::literal("lunch")});
  call(second, proto::PeopleAway{AwayText::literal("lunch")});
  EXPECT_EQ(heard(bob_), Lines{"presence alice away"});
  EXPECT_EQ(person(bob_, "alice").away.str(), "lunch");
  call(second, proto::PeopleAway{});
  EXPECT_EQ(heard(bob_), Lines{"presence alice online"});
}

TEST_F(PresenceTest, IdleSinceTheLastSignOfLife) {
  call(alice_, proto::HubPing{});
  const auto pinged = time_;
  time_ += 500;
  EXPECT_EQ(person(bob_, "alice").idle_since, WallTime{pinged});
  directory_.active(alice_, WallTime{9'000});
  EXPECT_EQ(person(bob_, "alice").idle_since, WallTime{9'000});
}

TEST_F(PresenceTest, TypingIsShownInThatRoomToMembersOnly) {
  subscribe(alice_, "lobby", true);
  ASSERT_TRUE(call(alice_, proto::PeopleTyping{RoomName::literal("lobby"), true}));
  EXPECT_EQ(outlet_.events[bob_].back().room, open(bob_, "lobby"));
  EXPECT_EQ(heard(bob_), Lines{"typing alice: on"});
  call(alice_, proto::PeopleTyping{RoomName::literal("lobby"), false});
  EXPECT_EQ(heard(bob_), Lines{"typing alice: off"});
  EXPECT_EQ(call(bob_, proto::PeopleTyping{RoomName::literal("lobby"), true}).error().status,
            Status::failed_precondition);
  EXPECT_EQ(call(bob_, proto::PeopleTyping{RoomName::literal("nowhere"), true}).error().status, Status::not_found);
}

TEST_F(PresenceTest, WhoeverIsGoneIsToldNothing) {
  end(bob_);
  end(alice_);
  EXPECT_EQ(heard(bob_), Lines{});
}

TEST_F(PresenceTest, WhoListsThoseWhoAreThere) {
  greet("zoe", 3);
  end(alice_);
  const auto everybody = call(bob_, proto::PeopleWho{}).value().people;
  ASSERT_EQ(everybody.size(), 2u);
  EXPECT_EQ(everybody[0].name.str(), "bob");
  EXPECT_EQ(everybody[1].name.str(), "zoe");
  EXPECT_EQ(call(bob_, proto::PeopleWho{Text::literal("nobody")}).error().status, Status::not_found);
}

}  // namespace
}  // namespace hubbub::server
