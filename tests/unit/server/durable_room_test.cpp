// A room whose log is on disk: nothing is told before it is kept, whatever is sent again takes effect once.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/unit/server/fake_room_outlet.hpp"
#include "tests/unit/server/fake_store.hpp"

namespace hubbub::server {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

constexpr RoomId id{5};
constexpr SessionRef alice{0, 1, 1}, bob{1, 2, 1};

ClientId client_of(SessionRef session) {
  ClientId client;
  client.bytes[0] = static_cast<std::uint8_t>(session.slot);
  return client;
}

class DurableRoomTest : public testing::Test {
 protected:
  void open(const KeptRoom& kept) {
    room_.emplace(kept, false, 2, std::make_shared<RoomGauges>(), budget_, producers_, logs_, outlet_);
  }
  void SetUp() override { open({id, "lobby"}); }
  /// With messages on the disk, and alice as the one member of a queue group that begins with the first of them.
  void open_with_a_worker(Seq last) {
    KeptRoom kept{id, "lobby"};
    kept.last = last;
    open(kept);
    room_->attach({alice, proto::From::seq, Seq{1}, workers_}, [](const AttachAnswer&) {});
    room_->set_ready(alice, workers_, true);
  }

  void say(SessionRef who, std::string_view body, std::uint64_t publish = 0, std::uint64_t epoch = 0) {
    room_->publish({who, client_of(who), "name", false, epoch},
                   {id, PublishId{publish}, 0, proto::Kind::text, {}, body}, WallTime{1'000});
  }
  /// Each in a batch of its own.
  void say_and_flush(SessionRef who, std::string_view body, std::uint64_t publish = 0) {
    say(who, body, publish);
    room_->flush();
  }
  std::vector<std::uint64_t> acknowledged() const {
    std::vector<std::uint64_t> seqs;
    for (const auto& [session, published] : outlet_.acknowledged) seqs.push_back(published.seq.value);
    return seqs;
  }
  CatchUp read(std::uint64_t from) {
    CatchUp caught;
    room_->read(Seq{from}, SIZE_MAX, [&](CatchUp found) { caught = std::move(found); });
    return caught;
  }
  static std::vector<std::uint64_t> seqs(const CatchUp& caught) {
    std::vector<std::uint64_t> all;
    for (const auto& slice : caught.slices)
      for (const auto seq : seqs_in(slice)) all.push_back(seq);
    return all;
  }

  const GroupName workers_ = GroupName::literal("workers");
  FakeStore store_;
  DurableLogs logs_{store_, 0};
  FakeRoomOutlet outlet_;
  TailBudget budget_{TailBounds{1'000'000, 1u << 30, 1u << 30}};
  ProducerBudget producers_;
  std::optional<Room> room_;
};

// ── before the commit ────────────────────────────────────────────────────────────────────────────────────────────────

TEST_F(DurableRoomTest, TellsNobodyBeforeTheCommit) {
  say_and_flush(alice, "hello", 1);
  EXPECT_THAT(outlet_.order, IsEmpty());
  EXPECT_EQ(room_->last(), Seq{});
  EXPECT_THAT(seqs(read(1)), IsEmpty()) << "nor is it read";
  store_.commit();
  EXPECT_THAT(outlet_.order, ElementsAre("fan out", "acknowledge"));
  EXPECT_EQ(room_->last(), Seq{1});
  EXPECT_THAT(seqs(read(1)), ElementsAre(1));
}

TEST_F(DurableRoomTest, AcknowledgesEachBatchWithItsCommitThoughMoreIsSaidMeanwhile) {
  for (std::uint64_t n = 1; n <= 4; ++n) say_and_flush(alice, "x", n);
  store_.commit(2);
  EXPECT_THAT(acknowledged(), ElementsAre(1, 2));
  say(alice, "x", 5);  // not flushed yet
  store_.commit(1);
  EXPECT_THAT(acknowledged(), ElementsAre(1, 2, 3));
}

TEST_F(DurableRoomTest, OneAcknowledgementAnswersAllOfABatch) {
  for (std::uint64_t n = 1; n <= 10; ++n) say(alice, "x", n);
  room_->flush();
  store_.commit();
  EXPECT_THAT(acknowledged(), ElementsAre(10));
}

TEST_F(DurableRoomTest, WhatIsSentAgainBeforeTheCommitIsAcknowledgedByIt) {
  say_and_flush(alice, "hello", 1);
  say(alice, "hello", 1);
  EXPECT_THAT(acknowledged(), IsEmpty());
  store_.commit();
  EXPECT_THAT(acknowledged(), ElementsAre(1));
  EXPECT_THAT(store_.batches, SizeIs(1));
}

TEST_F(DurableRoomTest, WhatIsSentAgainIsNotAcknowledgedBeforeItsCommitHoweverLongAgoItWas) {
  for (std::uint64_t n = 1; n <= producer_window + 500; ++n) say(alice, "x", n);
  room_->flush();
  for (std::uint64_t n = 1; n <= 400; ++n) say(alice, "x", n);
  EXPECT_THAT(acknowledged(), IsEmpty());
  store_.commit();
  EXPECT_THAT(acknowledged(), ElementsAre(producer_window + 500, 0)) << "of those nobody knows the numbers any more";
}

TEST_F(DurableRoomTest, UncommittedBytesAreCountedUntilTheyAreCommitted) {
  say_and_flush(alice, std::string(1000, 'x'));
  EXPECT_GT(logs_.uncommitted_bytes, 1000u);
  store_.commit();
  EXPECT_EQ(logs_.uncommitted_bytes, 0u);
}

// ── what is kept ─────────────────────────────────────────────────────────────────────────────────────────────────────

TEST_F(DurableRoomTest, ABatchSaysWhoPublishedWhat) {
  say(alice, "a1", 1);
  say(alice, "a2", 2);
  say(bob, "b1", 1);
  say(bob, "unasked");
  say(alice, "a3", 3);
  room_->flush();
  ASSERT_THAT(store_.batches, SizeIs(1));
  const auto& runs = store_.batches[0].runs;
  ASSERT_THAT(runs, SizeIs(3));
  EXPECT_EQ(runs[0].producer, client_of(alice));
  EXPECT_EQ(runs[0].hashes.size(), 2u);
  EXPECT_EQ(runs[1].at, Seq{3});
  EXPECT_EQ(runs[2].first, PublishId{3});
  EXPECT_EQ(runs[2].at, Seq{5});
}

TEST_F(DurableRoomTest, ThePostsOfCallsAreKeptWithTheirReplies) {
  room_->post({alice, client_of(alice), "name", false, 0}, {CallId{7}, 5}, {id, {}, 0, proto::Kind::text, {}, "hi"},
              WallTime{1'000});
  room_->flush();
  EXPECT_THAT(outlet_.replies, IsEmpty());
  ASSERT_THAT(store_.batches[0].replies, SizeIs(1));
  EXPECT_EQ(store_.batches[0].replies[0].call, CallId{7});
  EXPECT_EQ(store_.batches[0].replies[0].question, 5u);
  store_.commit();
  ASSERT_THAT(outlet_.replies, SizeIs(1));
  EXPECT_EQ(outlet_.replies[0].result, store_.batches[0].replies[0].result);
}

TEST_F(DurableRoomTest, GoesOnWhereItWasKept) {
  KeptRoom kept{id, "lobby"};
  kept.last = Seq{41};
  kept.first_kept = Seq{11};
  kept.time = WallTime{5'000};
  kept.producers.push_back({client_of(alice), 0, PublishId{3}, {{Seq{41}, 0}}});
  open(kept);
  EXPECT_EQ(room_->last(), Seq{41});
  say(alice, "skipping", 5);
  EXPECT_EQ(outlet_.refusals.back().second.why, proto::Refusal::gap);
  say_and_flush(alice, "next", 4);
  store_.commit();
  EXPECT_EQ(outlet_.deliveries().at(0).seq, Seq{42});
  EXPECT_EQ(outlet_.deliveries().at(0).time, WallTime{5'000}) << "times of a room never go back, over restarts too";
}

TEST_F(DurableRoomTest, WhatIsRetainedIsKeptWithItsMessage) {
  const auto retain = [this](std::string_view body) {
    room_->publish({alice, client_of(alice), "name"}, {id, {}, proto::flags::retain, proto::Kind::text, {}, body},
                   WallTime{1'000});
    room_->flush();
    return store_.batches.back().retained;
  };
  const auto kept = retain("on");
  ASSERT_TRUE(kept && kept->chunk);
  EXPECT_TRUE(kept->view().ends_with("on"));
  const auto none = retain("");
  ASSERT_TRUE(none);
  EXPECT_FALSE(none->chunk) << "nothing more";
  say_and_flush(alice, "x");
  EXPECT_FALSE(store_.batches.back().retained) << "as it was";
}

// ── reading ──────────────────────────────────────────────────────────────────────────────────────────────────────────

TEST_F(DurableRoomTest, AReaderGetsWhatIsOnDiskAndTheTailBehindIt) {
  KeptRoom kept{id, "lobby"};
  kept.last = Seq{10};
  kept.first_kept = Seq{4};
  open(kept);
  say_and_flush(alice, "eleven");
  store_.commit();
  CatchUp caught;
  room_->read(Seq{1}, SIZE_MAX, [&](CatchUp found) { caught = std::move(found); });
  ASSERT_THAT(store_.asked, SizeIs(1));
  EXPECT_EQ(store_.asked[0].from, Seq{4});
  EXPECT_EQ(store_.asked[0].until, Seq{10}) << "the rest is in memory";
  store_.asked[0].then(LogRead{Seq{4}, {slice_of(id, Seq{4}, std::vector<std::string>(7, "x"))}});
  EXPECT_EQ(caught.lost_first, Seq{1});
  EXPECT_EQ(caught.lost_last, Seq{3});
  EXPECT_THAT(seqs(caught), ElementsAre(4, 5, 6, 7, 8, 9, 10, 11));
}

TEST_F(DurableRoomTest, AReaderOfADiskThatCannotBeReadIsToldSo) {
  KeptRoom kept{id, "lobby"};
  kept.last = Seq{10};
  open(kept);
  std::optional<Error> error;
  room_->read(Seq{1}, SIZE_MAX, [&](const CatchUp& found) { error = found.error; });
  store_.asked[0].then(fail(Status::unavailable, "I/O error"));
  ASSERT_TRUE(error);
  EXPECT_EQ(error->sentence, "I/O error");
}

TEST_F(DurableRoomTest, AQueueGroupIsServedFromDiskOneReadAtATime) {
  open_with_a_worker(Seq{6});
  room_->serve_groups();
  ASSERT_THAT(store_.asked, SizeIs(1)) << "it waits for the answer";
  store_.asked[0].then(LogRead{Seq{1}, {slice_of(id, Seq{1}, std::vector<std::string>(6, "x"))}});
  EXPECT_THAT(outlet_.seqs_given_to(alice), ElementsAre(1, 2, 3, 4, 5, 6));
}

TEST_F(DurableRoomTest, AMemberThatLeavesWhileTheDiskIsReadIsGivenNothing) {
  open_with_a_worker(Seq{6});
  room_->detach(alice, workers_);
  store_.asked[0].then(LogRead{Seq{1}, {slice_of(id, Seq{1}, std::vector<std::string>(6, "x"))}});
  EXPECT_THAT(outlet_.given, IsEmpty());
}

TEST_F(DurableRoomTest, AQueueGroupForWhichTheDiskCannotBeReadIsServedLater) {
  open_with_a_worker(Seq{2});
  store_.asked.back().then(fail(Status::unavailable, "I/O error"));
  EXPECT_EQ(outlet_.asked_to_serve_later, 1);
  EXPECT_THAT(store_.asked, SizeIs(1)) << "or it would be read on and on";
  room_->serve_groups();
  ASSERT_THAT(store_.asked, SizeIs(2));
  store_.asked.back().then(LogRead{Seq{1}, {slice_of(id, Seq{1}, {"x", "y"})}});
  EXPECT_THAT(outlet_.seqs_given_to(alice), ElementsAre(1, 2));
}

TEST_F(DurableRoomTest, AQueueGroupGoesOnWhereWhatItWaitedForIsTrimmedMeanwhile) {
  open_with_a_worker(Seq{6});
  store_.asked.back().then(LogRead{Seq{1}, {}});
  room_->trimmed(Seq{4});
  ASSERT_THAT(store_.asked, SizeIs(2));
  store_.asked.back().then(LogRead{Seq{4}, {slice_of(id, Seq{4}, {"x", "y", "z"})}});
  EXPECT_THAT(outlet_.seqs_given_to(alice), ElementsAre(4, 5, 6));
  EXPECT_THAT(outlet_.losses, SizeIs(1));
}

// ── trouble ──────────────────────────────────────────────────────────────────────────────────────────────────────────

TEST_F(DurableRoomTest, InTroubleWhoWaitsIsToldThatTheOutcomeIsUnknownAndNothingMoreIsTaken) {
  say_and_flush(alice, "one", 1);
  logs_.trouble = "the disk is full";
  room_->on_trouble();
  ASSERT_THAT(outlet_.refusals, SizeIs(1));
  EXPECT_EQ(outlet_.refusals[0].second.why, proto::Refusal::unknown_outcome);
  say(alice, "one", 1);
  EXPECT_EQ(outlet_.refusals.back().second.why, proto::Refusal::unknown_outcome);
  say(alice, "two", 2);
  EXPECT_EQ(outlet_.refusals.back().second.status, Status::unavailable);
  EXPECT_EQ(outlet_.refusals.back().second.sentence.str(), "the disk is full");
  EXPECT_FALSE(room_->dirty());
  EXPECT_THAT(outlet_.acknowledged, IsEmpty());

  store_.commit();  // there is space again
  logs_.trouble.clear();
  room_->on_trouble();
  say(alice, "one", 1);
  EXPECT_THAT(acknowledged(), ElementsAre(1)) << "it had been kept after all, once";
  say_and_flush(alice, "two", 2);
  store_.commit();
  EXPECT_THAT(acknowledged(), ElementsAre(1, 2));
}

TEST_F(DurableRoomTest, InTroubleWhoAsksForNoAnswerIsToldOnce) {
  logs_.trouble = "the disk is full";
  room_->on_trouble();
  for (int i = 0; i < 100; ++i) say(alice, "x");
  say(bob, "x");
  EXPECT_THAT(outlet_.refusals, SizeIs(2));
}

}  // namespace
}  // namespace hubbub::server
