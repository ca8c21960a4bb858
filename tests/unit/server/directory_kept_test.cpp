// What of the directory outlives the hub: noted, told once it is kept, and there again at the next start.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/unit/server/fake_directory_outlet.hpp"

namespace hubbub::server {
namespace {

using testing::IsEmpty;
using testing::SizeIs;

const auto lobby = RoomName::literal("lobby");

class KeptDirectoryTest : public DirectoryTest {
 protected:
  explicit KeptDirectoryTest(Config config = {}, const Kept& kept = {}) : DirectoryTest(config, &kept) {}
  /// Of everything that was noted so far.
  template <class What>
  std::vector<What> noted() const {
    std::vector<What> all;
    for (const auto& changes : outlet_.changed)
      for (const auto& change : changes.list)
        if (const auto* const found = std::get_if<What>(&change)) all.push_back(*found);
    return all;
  }
};

TEST_F(KeptDirectoryTest, NotesARoomBeforeAnybodyLearnsOfIt) {
  const auto alice = greet("alice", 1);
  outlet_.commits_at_once = false;
  start(alice, proto::RoomOpen{lobby});
  ASSERT_THAT(noted<RoomMade>(), SizeIs(1));
  EXPECT_EQ(noted<RoomMade>()[0].key, "lobby");
}

TEST_F(KeptDirectoryTest, RepliesAndEventsWaitUntilTheChangeIsKept) {
  const auto alice = greet("alice", 1), bob = greet("bob", 2);
  start(bob, proto::RoomSubscribe{Pattern::literal("lobby"), proto::From::now, {}, {}, true});
  outlet_.commits_at_once = false;
  outlet_.replies.clear();
  start(alice, proto::RoomJoin{lobby});
  EXPECT_THAT(outlet_.replies, IsEmpty());
  EXPECT_THAT(outlet_.events[bob], IsEmpty());
  outlet_.commit();
  EXPECT_THAT(outlet_.replies, SizeIs(1));
  ASSERT_THAT(outlet_.events[bob], SizeIs(1));
  EXPECT_EQ(outlet_.events[bob][0].kind, proto::EventKind::joined);
}

TEST_F(KeptDirectoryTest, EventsKeepTheirOrderThoughOnlySomeWaitForACommit) {
  const auto alice = greet("alice", 1), bob = greet("bob", 2);
  start(bob, proto::RoomSubscribe{Pattern::literal("lobby"), proto::From::now, {}, {}, true});
  outlet_.commits_at_once = false;
  start(alice, proto::RoomJoin{lobby});
  start(alice, proto::PeopleTyping{lobby, true});
  EXPECT_THAT(outlet_.events[bob], IsEmpty());
  outlet_.commit();
  ASSERT_THAT(outlet_.events[bob], SizeIs(2));
  EXPECT_EQ(outlet_.events[bob][1].kind, proto::EventKind::typing);
}

TEST_F(KeptDirectoryTest, ACallThatFindsEverythingChangedIsAnsweredAfterTheOneThatChangedIt) {
  const auto alice = greet("alice", 1);
  start(alice, proto::RoomOpen{lobby});
  outlet_.opened.begin()->second->last = 9;
  outlet_.commits_at_once = false;
  outlet_.replies.clear();
  start(alice, proto::CursorSet{lobby, {}, Seq{5}});
  start(alice, proto::CursorSet{lobby, {}, Seq{5}});
  EXPECT_THAT(outlet_.replies, IsEmpty()) << "what is answered can't be forgotten";
  start(alice, proto::HubPing{});
  EXPECT_THAT(outlet_.replies, SizeIs(1)) << "who only looks doesn't wait";
  outlet_.commit();
  EXPECT_THAT(outlet_.replies, SizeIs(3));
}

TEST_F(KeptDirectoryTest, AReplyIsKeptWithItsEffect) {
  const auto alice = greet("alice", 1);
  const auto call = start(alice, proto::RoomJoin{lobby});
  const auto& reply = outlet_.changed.back().reply;
  ASSERT_TRUE(reply);
  EXPECT_EQ(reply->call, call);
  EXPECT_EQ(reply->result, outlet_.replies.back().result);
}

TEST_F(KeptDirectoryTest, ACursorThatMovesForwardTakesNoPlaceAmongTheRepliesThatAreRemembered) {
  const auto alice = greet("alice", 1);
  start(alice, proto::RoomOpen{lobby});
  outlet_.opened.begin()->second->last = 9;
  start(alice, proto::CursorSet{lobby, {}, Seq{5}});
  EXPECT_FALSE(outlet_.changed.back().reply);
  const auto back = start(alice, proto::CursorSet{lobby, {}, Seq{3}, true});
  EXPECT_TRUE(outlet_.changed.back().reply) << "sent again after another, it would move back again";
  start(alice, proto::CursorSet{lobby, {}, Seq{7}});
  start(alice, proto::CursorSet{lobby, {}, Seq{3}, true}, back);
  EXPECT_EQ(noted<CursorMoved>().back().seq, Seq{7});
}

TEST_F(KeptDirectoryTest, ThatACallFoundNothingToDoIsKeptForWhenItComesAgain) {
  const auto alice = greet("alice", 1);
  start(alice, proto::RoomJoin{lobby});
  const auto before = outlet_.changed.size();
  const auto call = start(alice, proto::RoomJoin{lobby});
  ASSERT_EQ(outlet_.changed.size(), before + 1);
  EXPECT_TRUE(outlet_.changed.back().list.empty());
  ASSERT_TRUE(outlet_.changed.back().reply);
  EXPECT_EQ(outlet_.changed.back().reply->call, call);
}

TEST_F(KeptDirectoryTest, WhatChangesNothingIsNotKept) {
  const auto alice = greet("alice", 1);
  start(alice, proto::RoomJoin{lobby});
  const auto before = outlet_.changed.size();
  start(alice, proto::RoomList{});
  start(alice, proto::PeopleAway{AwayText::literal("lunch")});
  EXPECT_EQ(outlet_.changed.size(), before);
}

TEST_F(KeptDirectoryTest, InTroubleChangesAreRefusedAndQuestionsAnswered) {
  const auto alice = greet("alice", 1);
  start(alice, proto::RoomJoin{lobby});
  outlet_.disk_trouble = "the disk is full";
  const auto refused = start(alice, proto::RoomSetTopic{lobby, Topic::literal("new")});
  EXPECT_EQ(outlet_.replies.back().status, Status::unavailable);
  start(alice, proto::RoomOpen{RoomName::literal("another")});
  EXPECT_EQ(outlet_.replies.back().status, Status::unavailable);
  start(alice, proto::RoomTopic{lobby});
  EXPECT_EQ(outlet_.replies.back().status, Status::ok);
  outlet_.disk_trouble.clear();
  start(alice, proto::RoomSetTopic{lobby, Topic::literal("new")}, refused);
  EXPECT_EQ(outlet_.replies.back().status, Status::ok) << "the refusal is not what the call gets for ever";
}

TEST_F(KeptDirectoryTest, EachProducerHasACountOfItsOwn) {
  const auto alice = greet("alice", 1, 9), bob = greet("bob", 2, 10);
  start(alice, proto::ProducerRegister{});
  start(bob, proto::ProducerRegister{});
  EXPECT_EQ(outlet_.epochs[alice], 1u);
  EXPECT_EQ(outlet_.epochs[bob], 1u) << "an outbox counts its registrations, too, and would take more for another's";
}

TEST_F(KeptDirectoryTest, ARegistrationFencesTheSessionBeforeAndTellsItsOwnWhenItIsKept) {
  const auto before = greet("alice", 1, 9);
  start(before, proto::ProducerRegister{});
  EXPECT_EQ(outlet_.epochs[before], 1u);
  const auto after = greet("alice", 1, 9);
  outlet_.commits_at_once = false;
  start(after, proto::ProducerRegister{});
  EXPECT_TRUE(outlet_.fenced.contains(before));
  EXPECT_FALSE(outlet_.epochs.contains(after));
  outlet_.commit();
  EXPECT_EQ(outlet_.epochs[after], 2u);
}

TEST_F(KeptDirectoryTest, WhoHasCursorsKeepsTheirName) {
  const auto alice = greet("alice", 1);
  start(alice, proto::RoomOpen{lobby});
  outlet_.opened.begin()->second->last = 9;
  start(alice, proto::CursorSet{lobby, ConsumerName::literal("billing"), Seq{5}});
  end(alice);
  const auto another = greet("alice", 2);
  EXPECT_EQ(outlet_.closed[another], proto::CloseReason::name_taken);
  EXPECT_THAT(noted<PersonForgotten>(), IsEmpty());
}

proto::RoomSearch search_in(const std::string& pattern) {
  proto::RoomSearch method;
  method.words = Text::literal("word");
  method.pattern = Pattern::literal(pattern);
  return method;
}

TEST_F(KeptDirectoryTest, ASearchReachesOnlyWhatTheCallerMayRead) {
  const auto alice = greet("alice", 1), bob = greet("bob", 2), eve = greet("eve", 3);
  start(alice, proto::RoomOpen{lobby});
  start(alice, proto::RoomOpen{RoomName::literal("@bob")});
  start(bob, search_in("@*"));
  EXPECT_THAT(outlet_.searches.back().rooms, SizeIs(1));
  start(eve, search_in("@*"));
  EXPECT_THAT(outlet_.searches.back().rooms, IsEmpty());
  start(eve, search_in(">"));
  EXPECT_THAT(outlet_.searches.back().rooms, SizeIs(1)) << "the lobby";
}

/// With what an earlier life of the hub has kept.
class RestoredDirectoryTest : public KeptDirectoryTest {
 protected:
  RestoredDirectoryTest() : KeptDirectoryTest({}, kept()) {}
  static Kept kept() {
    Kept all;
    all.people = {{"alice", id_of<OwnerKey>(1), false}, {"bob", id_of<OwnerKey>(2), false}};
    KeptRoom room{RoomId{7}, "lobby"};
    room.last = Seq{20};
    room.topic = "release day";
    room.members = {"alice", "bob"};
    KeptRoom direct{RoomId{8}, "@alice+bob"};
    direct.members = {"alice", "bob"};
    all.rooms = {room, direct};
    all.cursors = {{RoomId{7}, "alice", "", Seq{12}, WallTime{1}}, {RoomId{7}, "nobody", "", Seq{1}, WallTime{1}}};
    all.registrations = {{id_of<ClientId>(9), id_of<OwnerKey>(1), 4}};
    all.forgotten_epoch = 30;
    std::string arguments;
    proto::encode_value(proto::RoomLeave{lobby}, arguments);
    all.replies = {{id_of<ClientId>(1), CallId{77}, Status::ok, "as it was", question_of("room.leave", arguments)}};
    return all;
  }
};

TEST_F(RestoredDirectoryTest, RoomsKeepTheirIdsMembersAndTopics) {
  const auto alice = greet("alice", 1);
  start(alice, proto::RoomJoin{lobby});
  const auto joined = proto::decode_value<proto::RoomJoin::Reply>(outlet_.replies.back().result).value();
  EXPECT_EQ(joined.id, RoomId{7});
  EXPECT_EQ(joined.topic.str(), "release day");
  EXPECT_EQ(joined.last, Seq{20});
  EXPECT_EQ(joined.read, Seq{12});
  start(alice, proto::RoomOpen{RoomName::literal("@bob")});
  EXPECT_EQ(proto::decode_value<proto::RoomOpen::Reply>(outlet_.replies.back().result)->id, RoomId{8});
  start(alice, proto::RoomOpen{RoomName::literal("new")});
  EXPECT_EQ(proto::decode_value<proto::RoomOpen::Reply>(outlet_.replies.back().result)->id, RoomId{9});
}

TEST_F(RestoredDirectoryTest, ANameIsItsOwnersStill) {
  const auto eve = greet("alice", 3);
  EXPECT_EQ(outlet_.closed[eve], proto::CloseReason::name_taken);
}

TEST_F(RestoredDirectoryTest, AStoredReplyAnswersTheCallSentAgain) {
  const auto alice = greet("alice", 1);
  start(alice, proto::RoomLeave{lobby}, CallId{77});
  EXPECT_EQ(outlet_.replies.back().result, "as it was");
  start(alice, proto::RoomLeave{RoomName::literal("another")}, CallId{77});
  EXPECT_EQ(outlet_.replies.back().status, Status::already_exists);
  start(alice, proto::RoomMembers{lobby});
  EXPECT_THAT(proto::decode_value<proto::RoomMembers::Reply>(outlet_.replies.back().result)->members, SizeIs(2));
}

TEST_F(RestoredDirectoryTest, AProducerThatComesAnewBeginsBehindAllThatWereForgotten) {
  const auto bob = greet("bob", 2, 10);
  start(bob, proto::ProducerRegister{});
  EXPECT_EQ(outlet_.epochs[bob], 31u);
}

TEST_F(RestoredDirectoryTest, EpochsGoOn) {
  const auto alice = greet("alice", 1, 9);
  start(alice, proto::ProducerRegister{});
  EXPECT_EQ(outlet_.epochs[alice], 5u);
  const auto eve = greet("eve", 3, 9);
  start(eve, proto::ProducerRegister{});
  EXPECT_EQ(outlet_.replies.back().status, Status::permission_denied);
}

TEST_F(RestoredDirectoryTest, ARefusedRegistrationIsNotRemembered) {
  const auto eve = greet("eve", 3, 10);
  outlet_.disk_trouble = "the disk is full";
  start(eve, proto::ProducerRegister{});
  EXPECT_EQ(outlet_.replies.back().status, Status::unavailable);
  outlet_.disk_trouble.clear();
  const auto bob = greet("bob", 2, 10);
  start(bob, proto::ProducerRegister{});
  EXPECT_EQ(outlet_.replies.back().status, Status::ok) << "it is nobody's yet";
}

/// That knows as many producers as it may.
class FullDirectoryTest : public KeptDirectoryTest {
 protected:
  FullDirectoryTest() : KeptDirectoryTest({}, kept()) {}
  static ClientId producer(std::uint32_t number) {
    ClientId id;
    for (int byte = 0; byte < 4; ++byte)
      id.bytes[static_cast<std::size_t>(byte)] = static_cast<std::uint8_t>(number >> 8 * byte);
    id.bytes[15] = 0xff;
    return id;
  }
  static Kept kept() {
    Kept all;
    all.registrations.push_back({producer(1), id_of<OwnerKey>(1), 41});
    for (std::uint32_t number = 2; number < bounds::registrations_max; ++number)
      all.registrations.push_back({producer(number), id_of<OwnerKey>(1), 1});
    all.registrations.push_back({id_of<ClientId>(9), id_of<OwnerKey>(1), 7});
    return all;
  }
};

TEST_F(FullDirectoryTest, ForgetsTheProducerThatRegisteredLongestAgo) {
  start(greet("alice", 1, 10), proto::ProducerRegister{});
  ASSERT_THAT(noted<ProducerForgotten>(), SizeIs(1));
  EXPECT_EQ(noted<ProducerForgotten>()[0].client, producer(1));
  start(greet("alice", 1, 9), proto::ProducerRegister{});
  EXPECT_THAT(noted<ProducerForgotten>(), SizeIs(1)) << "who is known needs nobody's place";
}

TEST_F(FullDirectoryTest, GivesNoEpochAgainToAProducerThatWasForgotten) {
  const auto alice = greet("alice", 1, 10);
  start(alice, proto::ProducerRegister{});
  EXPECT_EQ(noted<ProducerForgotten>()[0].epoch, 41u);
  EXPECT_EQ(outlet_.epochs[alice], 42u) << "it may be the one that was forgotten";
  const auto known = greet("alice", 1, 9);
  start(known, proto::ProducerRegister{});
  EXPECT_EQ(outlet_.epochs[known], 8u);
}

/// Rules for new rooms, and for those that there are.
class RuledDirectoryTest : public KeptDirectoryTest {
 protected:
  RuledDirectoryTest() : KeptDirectoryTest(config(), RestoredDirectoryKept()) {}
  static Config config() {
    Config config;
    config.rooms.rules = {*parse_room_rule("metrics.* durability=memory"), *parse_room_rule("lobby durability=memory"),
                          *parse_room_rule("@* age=1d"), *parse_room_rule("> durability=fsync messages=10")};
    return config;
  }
  static Kept RestoredDirectoryKept() {
    Kept all;
    all.rooms = {KeptRoom{RoomId{7}, "lobby"}};
    return all;
  }
};

TEST_F(RuledDirectoryTest, TheFirstRuleThatMatchesDecides) {
  const auto alice = greet("alice", 1);
  greet("bob", 2);
  start(alice, proto::RoomOpen{RoomName::literal("metrics.cpu")});
  EXPECT_FALSE(outlet_.policies.contains(8)) << "in memory";
  start(alice, proto::RoomOpen{RoomName::literal("ci.main")});
  EXPECT_EQ(outlet_.policies[9].durability, Durability::fsync);
  EXPECT_EQ(outlet_.policies[9].messages, 10u);
  start(alice, proto::RoomOpen{RoomName::literal("@bob")});
  EXPECT_EQ(outlet_.policies[10].age, std::chrono::hours(24));
}

TEST_F(RuledDirectoryTest, ARoomThatWasDurableOnceStaysSo) {
  EXPECT_EQ(outlet_.policies.at(7).durability, Durability::commit);
}

}  // namespace
}  // namespace hubbub::server
