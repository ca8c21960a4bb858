// A publish takes effect once, however often it is sent.
#include <gtest/gtest.h>

#include "server/rooms/producers.hpp"

namespace hubbub::server {
namespace {

using Verdict = Producers::Verdict;

ClientId client(std::uint8_t number) {
  ClientId id;
  id.bytes[0] = number;
  id.bytes[7] = 1;
  return id;
}

ClientId client_of_many(std::size_t number) {
  ClientId id;
  id.bytes[6] = static_cast<std::uint8_t>(number >> 8);
  id.bytes[7] = static_cast<std::uint8_t>(number);
  id.bytes[15] = 1;
  return id;
}

class ProducersTest : public testing::Test {
 protected:
  /// As a room does.
  Verdict publish(const ClientId& who, std::uint64_t id, std::uint64_t connection = 1) {
    const auto verdict = producers_.admit(who, connection, PublishId{id}).verdict;
    if (verdict != Verdict::next) return verdict;
    producers_.expect(who);
    producers_.taken(who, PublishId{id}, Seq{++seq_});
    return verdict;
  }
  Producers producers_;
  std::uint64_t seq_ = 100;
};

TEST_F(ProducersTest, TakesIdsOneAfterTheOther) {
  for (std::uint64_t id = 1; id <= 5; ++id) EXPECT_EQ(publish(client(1), id), Verdict::next);
}

TEST_F(ProducersTest, AProducerThatNobodyKnowsStartsAtOne) {
  const auto admission = producers_.admit(client(1), 1, PublishId{7});
  EXPECT_EQ(admission.verdict, Verdict::out_of_line);
  EXPECT_EQ(admission.expected, PublishId{1});
}

TEST_F(ProducersTest, ARepeatedIdIsADuplicateWithTheSeqItWasGiven) {
  for (std::uint64_t id = 1; id <= 5; ++id) publish(client(1), id);
  for (std::uint64_t id = 1; id <= 5; ++id) {
    const auto admission = producers_.admit(client(1), 1, PublishId{id});
    EXPECT_EQ(admission.verdict, Verdict::duplicate);
    EXPECT_EQ(admission.seq, Seq{100 + id});
  }
}

TEST_F(ProducersTest, AnIdOlderThanTheWindowIsStillADuplicateThoughNobodyKnowsItsSeq) {
  for (std::uint64_t id = 1; id <= producer_window + 5; ++id) ASSERT_EQ(publish(client(1), id), Verdict::next);
  EXPECT_EQ(producers_.admit(client(1), 1, PublishId{5}).verdict, Verdict::duplicate);
  EXPECT_EQ(producers_.admit(client(1), 1, PublishId{5}).seq, Seq{});
  EXPECT_EQ(producers_.admit(client(1), 1, PublishId{6}).seq, Seq{106});
}

TEST_F(ProducersTest, AnIdThatSkipsAheadIsRefusedWithTheExpectedOne) {
  publish(client(1), 1);
  const auto admission = producers_.admit(client(1), 1, PublishId{3});
  EXPECT_EQ(admission.verdict, Verdict::out_of_line);
  EXPECT_EQ(admission.expected, PublishId{2});
}

TEST_F(ProducersTest, OneRefusalAnswersTheWholeBurstBehindIt) {
  publish(client(1), 1);
  EXPECT_EQ(publish(client(1), 3), Verdict::out_of_line);
  EXPECT_EQ(publish(client(1), 4), Verdict::repeated);
  EXPECT_EQ(publish(client(1), 5), Verdict::repeated);
}

TEST_F(ProducersTest, AClientThatCameBackIsToldAgain) {
  publish(client(1), 1);
  publish(client(1), 3, 1);
  EXPECT_EQ(publish(client(1), 3, 2), Verdict::out_of_line);
  EXPECT_EQ(publish(client(1), 4, 2), Verdict::repeated);
}

TEST_F(ProducersTest, ANewGapAfterTheOldOneWasFilledIsToldAgain) {
  publish(client(1), 1);
  publish(client(1), 3);
  EXPECT_EQ(publish(client(1), 2), Verdict::next);
  EXPECT_EQ(publish(client(1), 4), Verdict::out_of_line);
}

TEST_F(ProducersTest, ClientsDoNotShareTheirIds) {
  EXPECT_EQ(publish(client(1), 1), Verdict::next);
  EXPECT_EQ(publish(client(2), 1), Verdict::next);
  EXPECT_EQ(publish(client(2), 1), Verdict::duplicate);
}

TEST_F(ProducersTest, ForgetsTheOneThatPublishedLongestAgo) {
  for (std::size_t i = 0; i < producers_per_room_max; ++i) publish(client_of_many(i), 1);
  publish(client_of_many(0), 2);  // the first is the latest now
  publish(client(255), 1);
  EXPECT_EQ(producers_.size(), producers_per_room_max);
  EXPECT_EQ(publish(client_of_many(0), 3), Verdict::next);
  EXPECT_EQ(publish(client_of_many(2), 2), Verdict::next);
  EXPECT_EQ(publish(client_of_many(1), 2), Verdict::out_of_line);
}

}  // namespace
}  // namespace hubbub::server
