#include "client/link/ring_stream.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "client/link/ring_answer.hpp"
#include "proto/codec.hpp"

namespace hubbub::link {
namespace {

using testing::ElementsAre;

const RoomName ops = RoomName::literal("ops");

proto::Delivery delivery(std::uint32_t room, std::uint64_t seq) {
  proto::Delivery delivery;
  delivery.room = RoomId{room};
  delivery.seq = Seq{seq};
  delivery.from = PersonName::literal("alice");
  return delivery;
}

proto::Attached attached(std::uint32_t id, const char* name, std::uint64_t next) {
  proto::Attached attached;
  attached.room = RoomId{id};
  attached.name = RoomName::literal(name);
  attached.next = Seq{next};
  return attached;
}

proto::RoomHistory::Reply page(std::uint64_t oldest, std::uint64_t first, std::uint64_t last) {
  proto::RoomHistory::Reply reply{Seq{oldest}, Seq{last}, {}};
  for (auto seq = first; seq <= last; ++seq) {
    std::string bytes;
    proto::encode_value(delivery(9, seq), bytes);
    reply.messages.emplace_back();
    reply.messages.back().bytes = bytes;
  }
  return reply;
}

class ARingStream : public testing::Test {
 protected:
  template <class Message>
  bool take(const Message& message) {
    return stream.take(proto::encoded(message));
  }
  /// "ops 3" for a message, "ops 3-5 lost", "ops from 3".
  std::vector<std::string> events() {
    std::vector<std::string> shown;
    while (const auto event = stream.take_event()) {
      if (const auto* message = std::get_if<Message>(&*event))
        shown.push_back(message->room.str() + " " + std::to_string(message->seq.value));
      if (const auto* gap = std::get_if<Gap>(&*event))
        shown.push_back(gap->room.str() + " " + std::to_string(gap->first.value) + "-" +
                        std::to_string(gap->last.value) + " lost");
      if (const auto* room = std::get_if<RoomAttached>(&*event))
        shown.push_back(room->room.str() + " from " + std::to_string(room->next.value));
    }
    return shown;
  }
  RingStream stream{{Pattern::literal("ops"), Pattern::literal("ci.>")}, Seq{}};
};

TEST_F(ARingStream, HandsOutWhatComesAndPassesOverOtherRooms) {
  stream.begin({{ops, RoomId{7}, Seq{3}}});
  take(delivery(7, 2));
  take(delivery(7, 3));
  take(delivery(8, 1));
  take(delivery(7, 4));
  take(delivery(7, 4));
  EXPECT_THAT(events(), ElementsAre("ops from 3", "ops 3", "ops 4"));
  EXPECT_FALSE(stream.behind());
}

TEST_F(ARingStream, TakesRoomsThatAreMadeLaterIfTheyWereAskedFor) {
  stream.begin({});
  take(attached(1, "ci.main", 1));
  take(attached(2, "lobby", 1));
  take(delivery(2, 1));
  take(delivery(1, 1));
  EXPECT_THAT(events(), ElementsAre("ci.main from 1", "ci.main 1"));
}

TEST_F(ARingStream, AsksTheHubForAHoleAndCountsMeanwhile) {
  stream.begin({{ops, RoomId{7}, Seq{3}}});
  take(delivery(7, 5));
  take(delivery(7, 6));
  ASSERT_TRUE(stream.behind());
  const auto question = stream.question();
  EXPECT_EQ(question.before, Seq{7});
  EXPECT_EQ(question.limit, 4);
  take(delivery(7, 7));
  stream.fill(page(1, 3, 6));
  EXPECT_TRUE(stream.behind());
  EXPECT_EQ(stream.question().before, Seq{8});
  stream.fill(page(1, 7, 7));
  EXPECT_FALSE(stream.behind());
  take(delivery(7, 8));
  EXPECT_THAT(events(), ElementsAre("ops from 3", "ops 3", "ops 4", "ops 5", "ops 6", "ops 7", "ops 8"));
}

TEST_F(ARingStream, AsksForWhatLiesBeforeAPageThatIsFull) {
  stream.begin({{ops, RoomId{7}, Seq{1}}});
  take(delivery(7, 4));
  static_cast<void>(stream.question());
  stream.fill(page(1, 3, 4));
  EXPECT_EQ(stream.question().before, Seq{3});
  stream.fill(page(1, 1, 2));
  static_cast<void>(stream.question());
  stream.fill(page(1, 3, 4));
  EXPECT_FALSE(stream.behind());
  EXPECT_THAT(events(), ElementsAre("ops from 1", "ops 1", "ops 2", "ops 3", "ops 4"));
}

TEST_F(ARingStream, TellsWhatTheHubHasNoLonger) {
  stream.begin({{ops, RoomId{7}, Seq{1}}});
  take(delivery(7, 5));
  static_cast<void>(stream.question());
  stream.fill(page(4, 4, 5));
  EXPECT_THAT(events(), ElementsAre("ops from 1", "ops 1-3 lost", "ops 4", "ops 5"));
}

TEST_F(ARingStream, EndsWhateverTheHubAnswers) {
  for (const auto& answer : {page(0, 1, 0), page(1, 1, 0), page(1, 9, 9), page(100, 100, 100)}) {
    stream.begin({{ops, RoomId{7}, Seq{1}}});
    take(attached(7, "ops", 1));
    take(delivery(7, 5));
    for (int i = 0; stream.behind(); ++i) {
      ASSERT_LT(i, 10);
      static_cast<void>(stream.question());
      stream.fill(answer);
    }
    take(delivery(7, 6));
    EXPECT_EQ(events().back(), "ops 6");
  }
}

TEST_F(ARingStream, GoesOnWhereItWasWithAnotherSeat) {
  stream.begin({{ops, RoomId{7}, Seq{3}}});
  take(delivery(7, 3));
  stream.begin({{ops, RoomId{70}, Seq{6}}, {RoomName::literal("ci.new"), RoomId{71}, Seq{3}}});
  take(delivery(7, 4));  // of the seat before
  ASSERT_TRUE(stream.behind());
  EXPECT_EQ(stream.question().room, ops);
  stream.fill(page(1, 4, 5));
  ASSERT_TRUE(stream.behind());
  EXPECT_EQ(stream.question().room.str(), "ci.new");
  stream.fill(page(1, 1, 2));
  take(delivery(70, 6));
  take(delivery(71, 3));
  EXPECT_THAT(events(), ElementsAre("ops from 3", "ops 3", "ci.new from 1", "ops 4", "ops 5", "ci.new 1", "ci.new 2",
                                    "ops 6", "ci.new 3"));
}

TEST_F(ARingStream, BeginsAnewWhereTheRoomDoes) {
  stream.begin({{ops, RoomId{7}, Seq{30}}});
  take(attached(7, "ops", 1));
  take(delivery(7, 1));
  stream.begin({{ops, RoomId{7}, Seq{2}}});
  take(delivery(7, 2));
  EXPECT_THAT(events(), ElementsAre("ops from 30", "ops 1", "ops 2"));
}

TEST_F(ARingStream, TellsWhatTheAgentHasLost) {
  stream.begin({{ops, RoomId{7}, Seq{3}}});
  take(proto::Lost{RoomId{7}, Seq{2}, Seq{4}});
  take(delivery(7, 5));
  EXPECT_THAT(events(), ElementsAre("ops from 3", "ops 3-4 lost", "ops 5"));
}

TEST_F(ARingStream, RefusesWhatIsNoFrame) {
  stream.begin({{ops, RoomId{7}, Seq{1}}});
  EXPECT_FALSE(stream.take(""));
  EXPECT_FALSE(stream.take("abc"));
  auto frame = proto::encoded(delivery(7, 1));
  EXPECT_FALSE(stream.take(frame + "x"));
  frame[0] = 0x53;
  EXPECT_FALSE(stream.take(frame));
}

TEST(ARingAnswer, IsReadAsTheAgentWritesIt) {
  const auto places =
      read_ring_answer(R"({"rooms":[{"room":"ops","id":7,"next":43},{"room":"@bob","id":8,"next":1}]})");
  ASSERT_TRUE(places);
  ASSERT_EQ(places->size(), 2u);
  EXPECT_EQ((*places)[0].next, Seq{43});
  EXPECT_EQ((*places)[1].room.str(), "@bob");
  EXPECT_EQ((*places)[1].id, RoomId{8});
}

TEST(ARingAnswer, IsAnErrorWithItsSentence) {
  const auto places = read_ring_answer(R"({"error":{"status":"unavailable","sentence":"the \"hub\" is away"}})");
  ASSERT_FALSE(places);
  EXPECT_EQ(places.error().status, Status::unavailable);
  EXPECT_EQ(places.error().sentence, R"(the "hub" is away)");
}

TEST(ARingAnswer, IsRefusedWhereItIsNone) {
  for (const auto* line :
       {"", "{}", R"({"rooms":[{"room":"No Room","id":1,"next":1}]})", R"({"rooms":[{"room":"ops","id":-1,"next":1}]})",
        R"({"rooms":[{"room":"ops","id":1}]})", R"({"rooms":[{"room":"ops","id":1,"next":0}]})"})
    EXPECT_FALSE(read_ring_answer(line)) << line;
}

TEST(ARingQuestion, NamesEachPattern) {
  EXPECT_EQ(ring_question({Pattern::literal("ops"), Pattern::literal("ci.>")}),
            R"({"op":"ring","room":["ops","ci.>"]})");
}

}  // namespace
}  // namespace hubbub::link
