// Acknowledged means taken, once, in order: over repetitions, gaps, lost connections.
#include <gtest/gtest.h>

#include "tests/support/hub_process.hpp"
#include "tests/support/wire_client.hpp"

namespace hubbub::test {
namespace {

proto::Publish numbered(RoomId room, std::uint64_t id, std::string_view body) {
  return {room, PublishId{id}, 0, proto::Kind::text, {}, {body}};
}

class Publishing : public testing::Test {
 protected:
  Publishing() : alice_(hub_.url()), reader_(hub_.url()) {
    alice_.greet(me_);
    reader_.greet("reader");
    room_ = alice_.open("lobby");
    reader_.subscribe("lobby");
  }
  std::string heard() { return std::string(reader_.expect<proto::Delivery>().body.bytes); }

  HubProcess hub_{{"--cores", "2"}};
  Greeting me_{"alice", random_id<ClientId>(), random_id<OwnerKey>()};
  WireClient alice_, reader_;
  RoomId room_;
};

TEST_F(Publishing, AnAcknowledgementNamesTheIdAndThePlace) {
  alice_.send(numbered(room_, 1, "one"));
  const auto published = alice_.expect<proto::Published>();
  EXPECT_EQ(published.room, room_);
  EXPECT_EQ(published.id, PublishId{1});
  EXPECT_EQ(published.seq, Seq{1});
  EXPECT_EQ(reader_.expect<proto::Delivery>().seq, Seq{1});
}

TEST_F(Publishing, OneAcknowledgementMayAnswerAWholeBurst) {
  for (std::uint64_t id = 1; id <= 500; ++id) alice_.send(numbered(room_, id, std::to_string(id)));
  PublishId last;
  while (last != PublishId{500}) {
    const auto published = alice_.expect<proto::Published>();
    EXPECT_GT(published.id, last);
    EXPECT_EQ(published.seq.value, published.id.value);
    last = published.id;
  }
  for (int i = 1; i <= 500; ++i) EXPECT_EQ(heard(), std::to_string(i));
}

TEST_F(Publishing, SentAgainIsAcknowledgedAgainAndSaidOnce) {
  for (int again = 0; again < 3; ++again) {
    alice_.send(numbered(room_, 1, "once"));
    EXPECT_EQ(alice_.expect<proto::Published>().seq, Seq{1});
  }
  alice_.send(numbered(room_, 2, "twice"));
  EXPECT_EQ(heard(), "once");
  EXPECT_EQ(heard(), "twice");
}

TEST_F(Publishing, OutOfLineIsRefusedOnceAndThenSilentlyUntilTheExpectedComes) {
  alice_.send(numbered(room_, 1, "1"));
  for (const std::uint64_t ahead : {3u, 4u, 5u}) alice_.send(numbered(room_, ahead, "ahead"));
  const auto refused = alice_.expect<proto::PublishRefused>();
  EXPECT_EQ(refused.id, PublishId{3});
  EXPECT_EQ(refused.expected, PublishId{2});
  EXPECT_EQ(refused.status, Status::failed_precondition);
  alice_.send(numbered(room_, 2, "2"));
  while (alice_.expect<proto::Published>().id != PublishId{2}) {
  }
  EXPECT_FALSE(alice_.find<proto::PublishRefused>()) << "one refusal answers the burst";
  alice_.send(numbered(room_, 9, "ahead"));
  EXPECT_EQ(alice_.expect<proto::PublishRefused>().expected, PublishId{3}) << "another gap, another refusal";
  EXPECT_EQ(heard(), "1");
  EXPECT_EQ(heard(), "2");
}

TEST_F(Publishing, AClientThatComesBackSendsAgainAndNothingIsTwice) {
  for (std::uint64_t id = 1; id <= 100; ++id) alice_.send(numbered(room_, id, std::to_string(id)));
  alice_.reset();  // how many of them the hub has taken is anybody's guess
  WireClient again(hub_.url());
  again.greet(me_);
  const auto room = again.open("lobby");
  EXPECT_EQ(room, room_);
  for (std::uint64_t id = 1; id <= 100; ++id) again.send(numbered(room, id, std::to_string(id)));
  while (again.expect<proto::Published>().id != PublishId{100}) {
  }
  for (int i = 1; i <= 100; ++i) EXPECT_EQ(heard(), std::to_string(i));
  EXPECT_FALSE(reader_.find<proto::Delivery>());
}

TEST_F(Publishing, AnotherClientOfTheSamePersonCountsForItself) {
  auto other = me_;
  other.client = random_id<ClientId>();
  WireClient phone(hub_.url());
  phone.greet(other);
  phone.open("lobby");
  alice_.send(numbered(room_, 1, "desk"));
  alice_.expect<proto::Published>();
  phone.send(numbered(room_, 1, "phone"));
  EXPECT_EQ(phone.expect<proto::Published>().seq, Seq{2});
}

TEST_F(Publishing, AClientThatTheHubDoesNotKnowStartsAtOne) {
  alice_.send(numbered(room_, 41, "in the middle"));
  const auto refused = alice_.expect<proto::PublishRefused>();
  EXPECT_EQ(refused.expected, PublishId{1});
  EXPECT_EQ(refused.status, Status::failed_precondition);
}

TEST_F(Publishing, WithoutAnIdIsFireAndForget) {
  alice_.send(numbered(room_, 0, "quick"));
  EXPECT_EQ(heard(), "quick");
  EXPECT_FALSE(alice_.find<proto::Published>());
}

TEST_F(Publishing, EachRoomHasItsOwnCount) {
  const auto other = alice_.open("other");
  alice_.send(numbered(room_, 1, "here"));
  alice_.send(numbered(other, 1, "there"));
  alice_.expect<proto::Published>();
  alice_.expect<proto::Published>();
  EXPECT_FALSE(alice_.find<proto::PublishRefused>());
}

TEST_F(Publishing, AfterGoodbyeWhatWasSaidIsAnsweredAndKept) {
  for (std::uint64_t id = 1; id <= 50; ++id) alice_.send(numbered(room_, id, std::to_string(id)));
  alice_.send(proto::Goodbye{});
  while (alice_.expect<proto::Published>().id != PublishId{50}) {
  }
  EXPECT_EQ(alice_.expect_closing().reason, proto::CloseReason::goodbye);
  for (int i = 1; i <= 50; ++i) EXPECT_EQ(heard(), std::to_string(i));
}

TEST_F(Publishing, ReadingOnFromASeqResumesWithoutAGap) {
  for (std::uint64_t id = 1; id <= 10; ++id) alice_.send(numbered(room_, id, std::to_string(id)));
  for (int i = 1; i <= 4; ++i) EXPECT_EQ(heard(), std::to_string(i));
  reader_.reset();
  WireClient again(hub_.url());
  again.greet("");
  again.subscribe("lobby", proto::From::seq, Seq{5});
  for (std::uint64_t seq = 5; seq <= 10; ++seq) EXPECT_EQ(again.expect<proto::Delivery>().seq.value, seq);
}

}  // namespace
}  // namespace hubbub::test
