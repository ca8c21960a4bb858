// A publish takes effect once, however often it is sent.
#include <gtest/gtest.h>

#include <memory>

#include "server/log/producers.hpp"

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
  Verdict publish(const ClientId& who, std::uint64_t id, std::uint64_t connection = 1, std::uint64_t epoch = 0) {
    const Producers::Publication publication{who, epoch, PublishId{id}, 0};
    const auto verdict = producers_.admit(publication, connection).verdict;
    if (verdict != Verdict::next) return verdict;
    producers_.expect(who);
    producers_.taken(publication, Seq{++seq_});
    return verdict;
  }
  Producers::Admission admit(const ClientId& who, std::uint64_t id, std::uint64_t hash = 0) {
    return producers_.admit({who, 0, PublishId{id}, hash}, 1);
  }
  ProducerBudget budget_;
  Producers producers_{budget_};
  std::uint64_t seq_ = 100;
};

TEST_F(ProducersTest, TakesIdsOneAfterTheOther) {
  for (std::uint64_t id = 1; id <= 5; ++id) EXPECT_EQ(publish(client(1), id), Verdict::next);
}

TEST_F(ProducersTest, AProducerThatNobodyKnowsStartsAtOne) {
  const auto admission = admit(client(1), 7);
  EXPECT_EQ(admission.verdict, Verdict::unknown);
  EXPECT_EQ(admission.expected, PublishId{1});
}

TEST_F(ProducersTest, ARepeatedIdIsADuplicateWithTheSeqItWasGiven) {
  for (std::uint64_t id = 1; id <= 5; ++id) publish(client(1), id);
  for (std::uint64_t id = 1; id <= 5; ++id) {
    const auto admission = admit(client(1), id);
    EXPECT_EQ(admission.verdict, Verdict::duplicate);
    EXPECT_EQ(admission.seq, Seq{100 + id});
  }
}

TEST_F(ProducersTest, AnIdOlderThanTheWindowIsStillADuplicateThoughNobodyKnowsItsSeq) {
  for (std::uint64_t id = 1; id <= producer_window + 5; ++id) ASSERT_EQ(publish(client(1), id), Verdict::next);
  EXPECT_EQ(admit(client(1), 5).verdict, Verdict::duplicate);
  EXPECT_EQ(admit(client(1), 5).seq, Seq{});
  EXPECT_EQ(admit(client(1), 6).seq, Seq{106});
}

TEST_F(ProducersTest, AnIdThatSkipsAheadIsRefusedWithTheExpectedOne) {
  publish(client(1), 1);
  const auto admission = admit(client(1), 3);
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
  EXPECT_EQ(publish(client_of_many(1), 2), Verdict::unknown);
}

TEST_F(ProducersTest, WhoIsRefusedCostsNobodyItsPlace) {
  for (std::size_t i = 0; i < producers_per_room_max; ++i) publish(client_of_many(i), 1);
  for (std::uint8_t stranger = 200; stranger < 210; ++stranger)
    EXPECT_EQ(publish(client(stranger), 7), Verdict::unknown);
  EXPECT_EQ(publish(client_of_many(0), 2), Verdict::next);
}

TEST_F(ProducersTest, TheSameIdWithAnotherContentIsAConflict) {
  producers_.expect(client(1));
  producers_.taken({client(1), 0, PublishId{1}, 17}, Seq{5});
  EXPECT_EQ(admit(client(1), 1, 17).verdict, Verdict::duplicate);
  const auto admission = admit(client(1), 1, 18);
  EXPECT_EQ(admission.verdict, Verdict::conflict);
  EXPECT_EQ(admission.seq, Seq{5});
}

TEST_F(ProducersTest, AnEarlierEpochIsFencedOnceALaterOneHasPublished) {
  EXPECT_EQ(publish(client(1), 1, 1, 1), Verdict::next);
  EXPECT_EQ(publish(client(1), 2, 2, 2), Verdict::next);
  EXPECT_EQ(publish(client(1), 3, 1, 1), Verdict::fenced);
  EXPECT_EQ(publish(client(1), 2, 1, 1), Verdict::fenced) << "even what would be a duplicate";
  EXPECT_EQ(publish(client(1), 3, 2, 2), Verdict::next);
}

/// What a hub keeps of its producers over a restart, with a short window and with one that has gone round.
TEST_F(ProducersTest, GoOnAsTheyWereKept) {
  for (const std::size_t count : {std::size_t{3}, producer_window, producer_window + 700}) {
    KeptProducer kept{client(1), 4, PublishId{count}, {}};
    for (std::size_t id = count - std::min(count, producer_window) + 1; id <= count; ++id)
      kept.recent.push_back({Seq{1000 + id}, id * 7});
    Producers producers(budget_, {kept});
    for (std::uint64_t id = count + 1; id <= count + 5; ++id) {
      EXPECT_EQ(producers.admit({client(1), 4, PublishId{id}, id * 7}, 1).verdict, Verdict::next);
      producers.expect(client(1));
      producers.taken({client(1), 4, PublishId{id}, id * 7}, Seq{1000 + id});
    }
    for (std::uint64_t id = count + 5; id > 0 && id > count + 5 - std::min(count + 5, producer_window); --id) {
      const auto again = producers.admit({client(1), 4, PublishId{id}, id * 7}, 1);
      EXPECT_EQ(again.verdict, Verdict::duplicate) << id;
      EXPECT_EQ(again.seq, Seq{1000 + id});
    }
    EXPECT_EQ(producers.admit({client(1), 3, PublishId{count + 6}, 1}, 1).verdict, Verdict::fenced);
  }
}

/// Rooms of one core, which together may know little.
class ManyRooms : public testing::Test {
 protected:
  ManyRooms(std::size_t producers_max, std::size_t seqs_max) : budget_(producers_max, seqs_max) {
    for (int i = 0; i < 5; ++i) rooms_.push_back(std::make_unique<Producers>(budget_));
  }
  Verdict publish(std::size_t room, std::uint64_t id, const ClientId& who = client(1)) {
    const Producers::Publication publication{who, 0, PublishId{id}, 0};
    const auto verdict = rooms_[room]->admit(publication, 1).verdict;
    if (verdict != Verdict::next) return verdict;
    rooms_[room]->expect(who);
    rooms_[room]->taken(publication, Seq{100 + id});
    return verdict;
  }
  Seq seq_of(std::size_t room, std::uint64_t id) {
    return rooms_[room]->admit({client(1), 0, PublishId{id}, 0}, 1).seq;
  }

  ProducerBudget budget_;
  std::vector<std::unique_ptr<Producers>> rooms_;
};

class RoomsWithFewSeqs : public ManyRooms {
 protected:
  RoomsWithFewSeqs() : ManyRooms(1000, 1100) {}
};

TEST_F(RoomsWithFewSeqs, ForgetTheSeqsOfTheRoomThatWasPublishedToLongestAgo) {
  for (std::uint64_t id = 1; id <= 256; ++id)
    for (std::size_t room = 0; room < 4; ++room) ASSERT_EQ(publish(room, id), Verdict::next);
  EXPECT_EQ(budget_.seqs(), 1024u);
  publish(0, 257);
  EXPECT_LE(budget_.seqs(), 1100u);
  EXPECT_EQ(seq_of(0, 1), Seq{101});
  EXPECT_EQ(seq_of(2, 1), Seq{101});
  EXPECT_EQ(seq_of(1, 1), Seq{});
  EXPECT_EQ(seq_of(1, 256), Seq{356}) << "the newest says up to where all are settled";
}

TEST_F(RoomsWithFewSeqs, TakeNothingTwiceForThat) {
  for (std::uint64_t id = 1; id <= 600; ++id)
    for (std::size_t room = 0; room < rooms_.size(); ++room) {
      ASSERT_EQ(publish(room, id), Verdict::next);
      ASSERT_LE(budget_.seqs(), 1100u + producer_window) << "the room that is published to keeps its own";
    }
  for (std::size_t room = 0; room < rooms_.size(); ++room) {
    for (std::uint64_t id = 1; id <= 600; ++id) ASSERT_EQ(publish(room, id), Verdict::duplicate);
    EXPECT_EQ(publish(room, 602), Verdict::out_of_line);
    EXPECT_EQ(publish(room, 601), Verdict::next);
  }
}

class RoomsWithFewProducers : public ManyRooms {
 protected:
  RoomsWithFewProducers() : ManyRooms(10, 1'000'000) {}
};

TEST_F(RoomsWithFewProducers, ForgetThoseOfTheRoomThatWasPublishedToLongestAgo) {
  for (const std::size_t room : {0, 1, 2})
    for (std::uint8_t who = 1; who <= 4; ++who) publish(room, 1, client(who));
  EXPECT_EQ(budget_.producers(), 10u);
  EXPECT_EQ(publish(0, 2, client(1)), Verdict::unknown) << "and is never taken for another's first";
  EXPECT_EQ(publish(0, 2, client(2)), Verdict::unknown);
  EXPECT_EQ(publish(0, 2, client(3)), Verdict::next);
  EXPECT_EQ(publish(1, 2, client(1)), Verdict::next);
}

TEST_F(RoomsWithFewProducers, CountNoMoreOnceARoomIsGone) {
  publish(0, 1);
  publish(1, 1);
  publish(1, 3);
  rooms_[0].reset();
  EXPECT_EQ(budget_.producers(), 1u);
  rooms_.clear();
  EXPECT_EQ(budget_.producers(), 0u);
  EXPECT_EQ(budget_.seqs(), 0u);
}

TEST(HashOfAPublish, TellsApartWhateverASubscriberWouldSee) {
  const proto::PublishView said{RoomId{1}, PublishId{1}, 0, proto::Kind::text, "h", "body"};
  std::vector<std::uint64_t> hashes = {hash_of(said)};
  const auto add = [&](auto change) {
    auto other = said;
    change(other);
    hashes.push_back(hash_of(other));
  };
  add([](auto& other) { other.body = "bodY"; });
  add([](auto& other) { other.body = {}; });
  add([](auto& other) { other.headers = "g"; });
  add([](auto& other) { other.headers = {}; });
  add([](auto& other) { other.kind = proto::Kind::notice; });
  add([](auto& other) { other.flags = proto::flags::retain; });
  std::ranges::sort(hashes);
  EXPECT_EQ(std::ranges::adjacent_find(hashes), hashes.end());
  auto again = said;
  again.id = PublishId{9};
  EXPECT_EQ(hash_of(again), hash_of(said)) << "its id is no part of it";
}

}  // namespace
}  // namespace hubbub::server
