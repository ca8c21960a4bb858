#include "client/link/ring_stream.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "client/link/ring_answer.hpp"
#include "client/link/trace.hpp"
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

proto::Event renamed(const char* from, const char* to) {
  proto::Event event;
  event.kind = proto::EventKind::renamed;
  event.person.name = PersonName::literal(to);
  event.text = Topic::literal(from);
  return event;
}

RoomLife life(std::uint8_t number) { return {number}; }

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
  void fill(const proto::RoomHistory::Reply& page) {
    static_cast<void>(stream.question());
    stream.fill(page);
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
  EXPECT_THAT(events(), ElementsAre("ops from 30", "ops from 1", "ops 1", "ops 2"));
}

TEST_F(ARingStream, TellsWhatTheAgentHasLost) {
  stream.begin({{ops, RoomId{7}, Seq{3}}});
  take(proto::Lost{RoomId{7}, Seq{2}, Seq{4}});
  take(delivery(7, 5));
  EXPECT_THAT(events(), ElementsAre("ops from 3", "ops 3-4 lost", "ops 5"));
}

TEST_F(ARingStream, ReadsAnotherLifeFromItsFirstMessageThoughItHasGrownFurtherThanTheOneBefore) {
  stream.begin({{ops, RoomId{7}, Seq{3}, life(1)}});
  take(delivery(7, 3));
  stream.begin({{ops, RoomId{7}, Seq{6}, life(2)}});
  fill(page(1, 1, 5));
  take(delivery(7, 6));
  EXPECT_THAT(events(),
              ElementsAre("ops from 3", "ops 3", "ops from 1", "ops 1", "ops 2", "ops 3", "ops 4", "ops 5", "ops 6"));
}

TEST_F(ARingStream, KnowsTheLifeThatTheRingHasToldOf) {
  stream.begin({{ops, RoomId{7}, Seq{3}, life(1)}});
  proto::Welcome hub;
  hub.life.bytes = life(2);
  take(hub);
  take(attached(7, "ops", 1));
  take(delivery(7, 1));
  stream.begin({{ops, RoomId{70}, Seq{2}, life(2)}});
  take(delivery(70, 2));
  EXPECT_FALSE(stream.behind());
  EXPECT_THAT(events(), ElementsAre("ops from 3", "ops from 1", "ops 1", "ops 2"));
}

TEST_F(ARingStream, TellsThatWhatIsMissingOfTheLifeBeforeIsLost) {
  stream.begin({{ops, RoomId{7}, Seq{3}, life(1)}});
  take(delivery(7, 5));
  static_cast<void>(stream.question());
  take(attached(7, "ops", 1));
  EXPECT_FALSE(stream.behind());
  take(delivery(7, 2));
  fill(page(1, 1, 2));
  EXPECT_THAT(events(), ElementsAre("ops from 3", "ops 3-5 lost", "ops from 1", "ops 1", "ops 2"));
}

TEST_F(ARingStream, AsksNoHubOfAnotherLife) {
  stream.begin({{ops, RoomId{7}, Seq{3}, life(1)}});
  take(delivery(7, 5));
  proto::Welcome hub;
  EXPECT_TRUE(stream.is_of(hub)) << "it tells no life";
  hub.life.bytes = life(1);
  EXPECT_TRUE(stream.is_of(hub));
  hub.life.bytes = life(2);
  EXPECT_FALSE(stream.is_of(hub));
}

TEST_F(ARingStream, KeepsADurableRoomsPlaceOverARestartWithTheSameStore) {
  stream.begin({{ops, RoomId{7}, Seq{3}, life(1), true}});
  take(delivery(7, 5));
  proto::Welcome hub;
  hub.life.bytes = life(2);
  hub.store.bytes = life(1);
  EXPECT_TRUE(stream.is_of(hub));
  stream.begin({{ops, RoomId{70}, Seq{6}, life(1), true}});
  fill(page(1, 3, 5));
  EXPECT_THAT(events(), ElementsAre("ops from 3", "ops 3", "ops 4", "ops 5"));
}

TEST_F(ARingStream, PutsARoomOffBehindTheOthers) {
  using std::chrono::seconds;
  const RingStream::Time now = RingStream::Time{} + seconds(100);
  stream.begin({{ops, RoomId{7}, Seq{1}}, {RoomName::literal("ci.a"), RoomId{8}, Seq{1}}});
  take(delivery(7, 2));
  take(delivery(8, 2));
  ASSERT_TRUE(stream.ready(now));
  EXPECT_EQ(stream.question().room, ops);
  stream.postpone(now, now + seconds(1));
  ASSERT_TRUE(stream.ready(now));
  EXPECT_EQ(stream.question().room.str(), "ci.a");
  stream.fill(page(1, 1, 2));
  EXPECT_TRUE(stream.behind());
  EXPECT_FALSE(stream.ready(now));
  EXPECT_EQ(stream.ready_at(), now + seconds(1));
  ASSERT_TRUE(stream.ready(now + seconds(1)));
  EXPECT_EQ(stream.failing_for(now + seconds(1)), seconds(1));
  fill(page(1, 1, 2));
  EXPECT_FALSE(stream.behind());
}

TEST_F(ARingStream, TellsWhatItGivesUp) {
  stream.begin({{ops, RoomId{7}, Seq{3}}});
  take(delivery(7, 5));
  static_cast<void>(stream.question());
  stream.give_up();
  take(delivery(7, 6));
  EXPECT_THAT(events(), ElementsAre("ops from 3", "ops 3-5 lost", "ops 6"));
}

TEST_F(ARingStream, GivesUpAtOnceWhereTheHubIsNotAsFar) {
  stream.begin({{ops, RoomId{7}, Seq{3}}});
  stream.begin({{ops, RoomId{7}, RingStream::seq_max}});
  fill(page(1, 3, 4));
  fill(page(1, 5, 4));
  EXPECT_FALSE(stream.behind());
  EXPECT_THAT(events(), ElementsAre("ops from 3", "ops 3", "ops 4", "ops 5-4611686018427387903 lost"));
}

TEST_F(ARingStream, PassesOverWhatTheHubHasNotInOneStep) {
  stream.begin({{ops, RoomId{7}, Seq{1}}});
  stream.begin({{ops, RoomId{7}, Seq{1'000'001}}});
  fill(page(1'000'000, 1'000'000, 1'000'000));
  EXPECT_FALSE(stream.behind());
  EXPECT_THAT(events(), ElementsAre("ops from 1", "ops 1-999999 lost", "ops 1000000"));
}

class AReaderOfConversations : public ARingStream {
 protected:
  AReaderOfConversations() { stream = RingStream({Pattern::literal("@*")}, Seq{}); }
  const RoomName alice = RoomName::literal("@alice"), bob = RoomName::literal("@bob");
};

TEST_F(AReaderOfConversations, GoesOnUnderAnotherName) {
  stream.begin({{alice, RoomId{7}, Seq{3}}});
  take(renamed("alice", "bob"));
  take(delivery(7, 3));
  stream.begin({{bob, RoomId{7}, Seq{4}}});
  take(delivery(7, 4));
  EXPECT_THAT(events(), ElementsAre("@alice from 3", "@bob 3", "@bob 4"));
}

TEST_F(AReaderOfConversations, FindsThemByTheirIdsWhereItHasMissedTheRenaming) {
  stream.begin({{alice, RoomId{7}, Seq{3}}, {bob, RoomId{8}, Seq{1}}});
  stream.begin({{bob, RoomId{7}, Seq{3}}, {alice, RoomId{8}, Seq{1}}});
  take(delivery(7, 3));
  take(delivery(8, 1));
  EXPECT_THAT(events(), ElementsAre("@alice from 3", "@bob from 1", "@bob 3", "@alice 1"));
}

TEST_F(AReaderOfConversations, ForgetsWhoeverWasCalledSoBefore) {
  stream.begin({{alice, RoomId{7}, Seq{3}}, {bob, RoomId{8}, Seq{9}}});
  stream.begin({{bob, RoomId{7}, Seq{3}}});
  take(delivery(8, 9));
  take(delivery(7, 3));
  take(renamed("bob", "carol"));
  take(delivery(7, 4));
  EXPECT_THAT(events(), ElementsAre("@alice from 3", "@bob from 9", "@bob 3", "@carol 4"));
}

TEST_F(ARingStream, StampsWhatItHasReadFromTheHub) {
  stream.begin({{ops, RoomId{7}, Seq{1}}});
  take(delivery(7, 1));
  static_cast<void>(events());
  take(delivery(7, 3));
  auto traced = delivery(9, 2);
  traced.flags = proto::flags::traced;
  std::string bytes;
  proto::encode_value(traced, bytes);
  proto::RoomHistory::Reply reply{Seq{1}, Seq{3}, {}};
  reply.messages.emplace_back();
  reply.messages.back().bytes = bytes;
  fill(reply);
  const auto event = stream.take_event();
  ASSERT_TRUE(event);
  const auto stamps = stamps_of(std::get<Message>(*event).headers);
  ASSERT_EQ(stamps.size(), 1u);
  EXPECT_EQ(stamps[0].by, "history");
}

TEST_F(ARingStream, TellsWhatARoomIs) {
  stream.begin({{ops, RoomId{7}, Seq{3}, life(1), true}});
  auto made = attached(8, "ci.a", 1);
  made.last = Seq{4};
  take(made);
  const auto first = stream.take_event(), second = stream.take_event();
  EXPECT_TRUE(std::get<RoomAttached>(*first).durable);
  EXPECT_EQ(std::get<RoomAttached>(*first).last, Seq{2});
  EXPECT_FALSE(std::get<RoomAttached>(*second).durable);
  EXPECT_EQ(std::get<RoomAttached>(*second).last, Seq{4});
}

TEST_F(ARingStream, RefusesNumbersThatNoHubGives) {
  stream.begin({{ops, RoomId{7}, Seq{1}}});
  EXPECT_FALSE(take(delivery(7, ~0ull)));
  EXPECT_FALSE(take(attached(7, "ops", ~0ull)));
  EXPECT_FALSE(take(proto::Lost{RoomId{7}, Seq{1}, Seq{~0ull}}));
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

TEST(ARingAnswer, TellsTheLifeOfARoom) {
  const auto places = read_ring_answer(
      R"({"rooms":[{"room":"ops","id":7,"next":4,"life":"0a000000000000000000000000000000","durable":true}]})");
  ASSERT_TRUE(places);
  EXPECT_EQ((*places)[0].life, life(10));
  EXPECT_TRUE((*places)[0].durable);
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
        R"({"rooms":[{"room":"ops","id":1}]})", R"({"rooms":[{"room":"ops","id":1,"next":18446744073709551615}]})",
        R"({"rooms":[{"room":"ops","id":1,"next":1,"life":"0g","durable":false}]})",
        R"({"rooms":[{"room":"ops","id":1,"next":0}]})"})
    EXPECT_FALSE(read_ring_answer(line)) << line;
}

TEST(ARingQuestion, NamesEachPattern) {
  EXPECT_EQ(ring_question({Pattern::literal("ops"), Pattern::literal("ci.>")}),
            R"({"op":"ring","room":["ops","ci.>"]})");
}

}  // namespace
}  // namespace hubbub::link
