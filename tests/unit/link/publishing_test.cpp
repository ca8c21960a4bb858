#include "client/link/publishing.hpp"

#include <gtest/gtest.h>

#include "common/frame_reader.hpp"
#include "proto/hot.hpp"

namespace hubbub::link {
namespace {

const RoomName lobby = RoomName::literal("lobby");
const RoomName ci = RoomName::literal("ci.main");
constexpr std::size_t no_limit = 1u << 20;
using Sent = std::vector<std::string>;

/// A publisher with callers that write down what they are told.
struct Desk {
  Publishing publishing;
  std::vector<std::string> told;

  void say(const RoomName& room, const std::string& body) {
    Outgoing message;
    message.room = room;
    message.body = body;
    publishing.add(publishing.room(room), message, {});
  }
  void say_and_wait(const RoomName& room, const std::string& body) {
    Outgoing message;
    message.room = room;
    message.body = body;
    publishing.add(publishing.room(room), message, [this, body](const Result<Receipt>& outcome) {
      told.push_back(body + (outcome ? " at " + std::to_string(outcome->seq.value) : ": " + outcome.error().sentence));
    });
  }
  /// What goes out now, as "room id:publish id:body".
  Sent sent() {
    std::string out;
    publishing.pump(out, no_limit);
    Sent sent;
    FrameReader(limits::frame_bytes_max).feed(out, [&](const proto::Frame& frame) {
      const auto said = proto::PublishView::parse(frame.payload);
      sent.push_back(std::to_string(said->room.value) + ":" + std::to_string(said->id.value) + ":" +
                     std::string(said->body));
      return true;
    });
    return sent;
  }
  void open(const RoomName& room, std::uint32_t id) {
    publishing.take_rooms_to_open();
    publishing.opened(room, RoomId{id});
  }
};

proto::PublishRefused refusal(std::uint32_t room, std::uint64_t id, std::uint64_t expected, Status status) {
  return {RoomId{room}, PublishId{id}, PublishId{expected}, status, Text::literal("no")};
}

TEST(Publishing, AsksOnceForTheIdOfARoomAndSendsWhenItIsKnown) {
  Desk desk;
  desk.say(lobby, "a");
  desk.say(lobby, "b");
  EXPECT_TRUE(desk.sent().empty());
  EXPECT_EQ(desk.publishing.take_rooms_to_open(), std::vector<RoomName>{lobby});
  EXPECT_TRUE(desk.publishing.take_rooms_to_open().empty());
  desk.publishing.opened(lobby, RoomId{3});
  EXPECT_EQ(desk.sent(), (Sent{"3:1:a", "3:2:b"}));
  EXPECT_TRUE(desk.sent().empty());
}

TEST(Publishing, NumbersEachRoomByItself) {
  Desk desk;
  desk.say(lobby, "a");
  desk.say(ci, "b");
  desk.open(lobby, 3);
  desk.open(ci, 4);
  EXPECT_EQ(desk.sent(), (Sent{"3:1:a", "4:1:b"}));
}

TEST(Publishing, TellsWhereAMessageEndedUpOrOnlyThatItDid) {
  Desk desk;
  desk.say_and_wait(lobby, "a");
  desk.say_and_wait(lobby, "b");
  desk.say_and_wait(lobby, "c");
  desk.open(lobby, 3);
  desk.sent();
  desk.publishing.acknowledged({RoomId{3}, PublishId{2}, Seq{41}});
  EXPECT_EQ(desk.told, (Sent{"a at 0", "b at 41"}));
  EXPECT_EQ(desk.publishing.count(), 1u);
}

TEST(Publishing, CountsMessagesAndBytesOfAllRooms) {
  Desk desk;
  desk.say(lobby, "a");
  desk.say(ci, "b");
  EXPECT_EQ(desk.publishing.count(), 2u);
  const auto bytes = desk.publishing.bytes();
  desk.open(lobby, 3);
  desk.open(ci, 4);
  desk.sent();
  desk.publishing.acknowledged({RoomId{3}, PublishId{1}, Seq{1}});
  EXPECT_EQ(desk.publishing.bytes(), bytes / 2);
  desk.publishing.fail_all({Status::cancelled, "over"});
  EXPECT_EQ(desk.publishing.count(), 0u);
  EXPECT_EQ(desk.publishing.bytes(), 0u);
}

TEST(Publishing, TellsTheCallerWhoseMessageWasRefusedAndNoOther) {
  Desk desk;
  for (const auto* body : {"a", "bad", "c"}) desk.say_and_wait(lobby, body);
  desk.open(lobby, 3);
  desk.sent();
  EXPECT_EQ(desk.publishing.refused(refusal(3, 2, 2, Status::permission_denied)), Publishing::Next::send);
  EXPECT_EQ(desk.told, (Sent{"bad: no"}));
  EXPECT_EQ(desk.sent(), (Sent{"3:2:c"}));
  desk.publishing.acknowledged({RoomId{3}, PublishId{2}, Seq{8}});
  EXPECT_EQ(desk.told, (Sent{"bad: no", "a at 0", "c at 8"}));
  EXPECT_FALSE(desk.publishing.take_refusal());
}

TEST(Publishing, KeepsTheFirstRefusalThatNobodyWaitsFor) {
  Desk desk;
  desk.say(lobby, "bad");
  desk.open(lobby, 3);
  desk.sent();
  desk.publishing.refused(refusal(3, 1, 1, Status::permission_denied));
  desk.publishing.refused(refusal(3, 0, 0, Status::resource_exhausted));
  const auto first = desk.publishing.take_refusal();
  ASSERT_TRUE(first);
  EXPECT_EQ(first->status, Status::permission_denied);
  EXPECT_FALSE(desk.publishing.take_refusal());
}

TEST(Publishing, SendsNothingWhileTheHubIsBusy) {
  Desk desk;
  desk.say(lobby, "a");
  desk.open(lobby, 3);
  desk.sent();
  EXPECT_EQ(desk.publishing.refused(refusal(3, 1, 1, Status::resource_exhausted)), Publishing::Next::pause);
  desk.publishing.pause(true);
  EXPECT_TRUE(desk.sent().empty());
  desk.publishing.pause(false);
  EXPECT_EQ(desk.sent(), (Sent{"3:1:a"}));
}

TEST(Publishing, SendsAgainOnANewConnectionUnderTheRoomsNewId) {
  Desk desk;
  desk.say(lobby, "a");
  desk.say(lobby, "b");
  desk.open(lobby, 3);
  desk.sent();
  desk.publishing.acknowledged({RoomId{3}, PublishId{1}, Seq{1}});
  desk.publishing.disconnected();
  EXPECT_TRUE(desk.sent().empty());
  EXPECT_EQ(desk.publishing.take_rooms_to_open(), std::vector<RoomName>{lobby});
  desk.publishing.opened(lobby, RoomId{9});
  EXPECT_EQ(desk.sent(), (Sent{"9:2:b"}));
}

TEST(Publishing, CountsFromOneAgainAtAHubThatWasRestarted) {
  Desk desk;
  for (const auto* body : {"a", "b"}) desk.say_and_wait(lobby, body);
  desk.open(lobby, 3);
  desk.sent();
  desk.publishing.acknowledged({RoomId{3}, PublishId{1}, Seq{1}});
  desk.publishing.disconnected();
  desk.publishing.new_life();
  desk.open(lobby, 1);
  EXPECT_EQ(desk.sent(), (Sent{"1:1:b"}));
  desk.publishing.acknowledged({RoomId{1}, PublishId{1}, Seq{1}});
  EXPECT_EQ(desk.told, (Sent{"a at 1", "b at 1"}));
}

TEST(Publishing, CountsOnWhereTwoNamesAreOneRoom) {
  const auto bob = RoomName::literal("@bob"), robert = RoomName::literal("@robert");
  Desk desk;
  desk.say_and_wait(bob, "a");
  desk.open(bob, 3);
  desk.sent();
  desk.say_and_wait(robert, "b");
  desk.say_and_wait(bob, "c");
  desk.open(robert, 3);
  EXPECT_EQ(desk.sent(), (Sent{"3:2:c", "3:3:b"}));
  desk.publishing.acknowledged({RoomId{3}, PublishId{2}, Seq{8}});
  desk.publishing.disconnected();
  EXPECT_EQ(desk.publishing.take_rooms_to_open(), std::vector<RoomName>{robert});
  desk.publishing.opened(robert, RoomId{3});
  desk.say(robert, "d");
  EXPECT_EQ(desk.sent(), (Sent{"3:3:b", "3:4:d"}));
  desk.publishing.acknowledged({RoomId{3}, PublishId{4}, Seq{10}});
  EXPECT_EQ(desk.told, (Sent{"a at 0", "c at 8", "b at 0"}));
  EXPECT_EQ(desk.publishing.count(), 0u);
  EXPECT_EQ(desk.publishing.bytes(), 0u);
}

TEST(Publishing, AsksAnewWhoHasTheNameOfSomebodyWhoWasRenamed) {
  const auto bob = RoomName::literal("@bob"), robert = RoomName::literal("@robert");
  Desk desk;
  desk.say(bob, "to the one");
  desk.open(bob, 3);
  desk.sent();
  desk.publishing.rename(bob, robert);
  desk.say(robert, "still to the one");
  EXPECT_EQ(desk.sent(), (Sent{"3:2:still to the one"}));
  desk.say(bob, "to another");
  EXPECT_EQ(desk.sent(), Sent{});
  EXPECT_EQ(desk.publishing.take_rooms_to_open(), std::vector<RoomName>{bob});
  desk.publishing.opened(bob, RoomId{4});
  EXPECT_EQ(desk.sent(), (Sent{"4:1:to another"}));
}

TEST(Publishing, KeepsWhatWasSaidToBothNamesOfSomebodyWhoWasRenamed) {
  const auto bob = RoomName::literal("@bob"), robert = RoomName::literal("@robert");
  Desk desk;
  desk.say_and_wait(bob, "a");
  desk.say_and_wait(robert, "b");
  EXPECT_EQ(desk.publishing.take_rooms_to_open(), (std::vector<RoomName>{bob, robert}));
  desk.publishing.rename(bob, robert);
  desk.publishing.opened(bob, RoomId{3});  // an answer of before
  EXPECT_EQ(desk.publishing.take_rooms_to_open(), std::vector<RoomName>{robert});
  desk.publishing.opened(robert, RoomId{3});
  EXPECT_EQ(desk.sent(), (Sent{"3:1:a", "3:2:b"}));
  desk.publishing.acknowledged({RoomId{3}, PublishId{2}, Seq{2}});
  EXPECT_EQ(desk.told, (Sent{"a at 0", "b at 2"}));
  EXPECT_EQ(desk.publishing.count(), 0u);
}

TEST(Publishing, TellsWhatWasSaidToWhoLostTheNameToSomebodyElse) {
  const auto bob = RoomName::literal("@bob"), robert = RoomName::literal("@robert");
  Desk desk;
  desk.say_and_wait(robert, "to the old one");
  desk.open(robert, 3);
  desk.sent();
  desk.say_and_wait(bob, "a");
  desk.open(bob, 4);
  desk.publishing.rename(bob, robert);
  EXPECT_EQ(desk.told, (Sent{"to the old one: somebody else is called @robert now"}));
  desk.say(robert, "b");
  EXPECT_EQ(desk.sent(), (Sent{"4:1:a", "4:2:b"}));
}

TEST(Publishing, CountsOnUnderTheNewNameAlsoAfterAReconnect) {
  const auto bob = RoomName::literal("@bob"), robert = RoomName::literal("@robert");
  Desk desk;
  desk.say(bob, "a");
  desk.open(bob, 3);
  desk.sent();
  desk.publishing.acknowledged({RoomId{3}, PublishId{1}, Seq{1}});
  desk.publishing.disconnected();
  desk.say(robert, "b");
  desk.open(robert, 3);
  EXPECT_EQ(desk.sent(), (Sent{"3:2:b"}));
}

TEST(Publishing, OpensNoRoomAgainThatNothingIsToBeSaidIn) {
  Desk desk;
  desk.say(lobby, "a");
  desk.open(lobby, 3);
  desk.sent();
  desk.publishing.acknowledged({RoomId{3}, PublishId{1}, Seq{1}});
  desk.publishing.disconnected();
  EXPECT_TRUE(desk.publishing.take_rooms_to_open().empty());
}

TEST(Publishing, FailsWhatWaitsForARoomThatCantBeOpened) {
  Desk desk;
  desk.say_and_wait(lobby, "a");
  desk.say(lobby, "b");
  desk.publishing.take_rooms_to_open();
  desk.publishing.open_failed(lobby, {Status::permission_denied, "not yours"}, Publishing::Again::never);
  EXPECT_EQ(desk.told, (Sent{"a: not yours"}));
  ASSERT_TRUE(desk.publishing.take_refusal());
  EXPECT_EQ(desk.publishing.count(), 0u);
  desk.say(lobby, "c");
  EXPECT_EQ(desk.publishing.take_rooms_to_open(), std::vector<RoomName>{lobby});
}

TEST(Publishing, AsksAgainForARoomThatCouldNotBeOpenedJustNow) {
  Desk desk;
  desk.say(lobby, "a");
  desk.publishing.take_rooms_to_open();
  desk.publishing.open_failed(lobby, {Status::resource_exhausted, "later"}, Publishing::Again::soon);
  EXPECT_EQ(desk.publishing.count(), 1u);
  EXPECT_EQ(desk.publishing.take_rooms_to_open(), std::vector<RoomName>{lobby});
}

}  // namespace
}  // namespace hubbub::link
