// What is said in a room: numbered, kept, acknowledged, told.
#include <gtest/gtest.h>

#include "tests/unit/server/fake_room_outlet.hpp"

namespace hubbub::server {
namespace {

constexpr RoomId id{5};
constexpr SessionRef alice{0, 1, 1}, bob{1, 2, 1}, carol{1, 3, 1};

ClientId client_of(SessionRef session) {
  ClientId client;
  client.bytes[0] = static_cast<std::uint8_t>(session.slot);
  return client;
}

class RoomTest : public testing::Test {
 protected:
  explicit RoomTest(TailBounds bounds = {1'000'000, 1u << 30, 1u << 30}) : budget_{bounds} {}

  void say(SessionRef who, std::string_view body, std::uint64_t publish = 0, std::uint8_t flags = 0) {
    room_.publish({who, client_of(who), "name", false}, {id, PublishId{publish}, flags, proto::Kind::text, {}, body},
                  now_);
  }
  /// Says `count` messages and commits them.
  void fill(int count, std::size_t bytes = 5) {
    for (int i = 0; i < count; ++i) say(alice, std::string(bytes, 'x'));
    room_.flush();
  }
  /// What a new subscriber that asks for it is given, or nothing.
  std::string retained() {
    const auto answer = attach(alice, proto::From::last);
    return answer.retained.chunk ? std::string(answer.retained.view()) : std::string();
  }
  AttachAnswer attach(SessionRef who, proto::From from = proto::From::now, std::uint64_t seq = 0) {
    return attach({who, from, Seq{seq}, {}});
  }
  AttachAnswer attach(const AttachWish& wish) {
    AttachAnswer given;
    room_.attach(wish, [&](const AttachAnswer& answer) { given = answer; });
    return given;
  }
  proto::RoomHistory::Reply history(std::uint64_t before, std::uint16_t limit) {
    room_.history(alice, CallId{1}, Seq{before}, limit);
    EXPECT_EQ(outlet_.replies.back().status, Status::ok);
    EXPECT_LE(outlet_.replies.back().result.size() + 64, limits::frame_bytes_max);
    return proto::decode_value<proto::RoomHistory::Reply>(outlet_.replies.back().result).value();
  }
  static std::vector<std::uint64_t> seqs(const proto::RoomHistory::Reply& page) {
    std::vector<std::uint64_t> all;
    for (const auto& message : page.messages) all.push_back(proto::seq_of_delivery(message.bytes)->value);
    return all;
  }
  CatchUp read(std::uint64_t from, std::size_t bytes_max = SIZE_MAX) {
    CatchUp caught;
    room_.read(Seq{from}, bytes_max, [&](CatchUp found) { caught = std::move(found); });
    return caught;
  }

  FakeRoomOutlet outlet_;
  TailBudget budget_;
  ProducerBudget producers_;
  std::shared_ptr<RoomGauges> gauges_ = std::make_shared<RoomGauges>();
  Room room_{id, 2, gauges_, budget_, producers_, outlet_};
  WallTime now_{1'000};
};

/// Whose log keeps little.
class ShortRoomTest : public RoomTest {
 protected:
  ShortRoomTest() : RoomTest(TailBounds{5, 1u << 30, 1u << 30}) {}
  /// Batches large enough for a chunk each, so that the log can give them up one by one.
  void fill_chunks(int count) {
    for (int i = 0; i < count; ++i) fill(1, 40'000);
  }
};

// ── numbering ────────────────────────────────────────────────────────────────────────────────────────────────────────

TEST_F(RoomTest, NumbersMessagesFromOneWithoutGaps) {
  for (int tick = 0; tick < 5; ++tick) fill(tick * 3);
  const auto deliveries = outlet_.deliveries();
  ASSERT_EQ(deliveries.size(), 30u);
  for (std::size_t i = 0; i < deliveries.size(); ++i) EXPECT_EQ(deliveries[i].seq, Seq{i + 1});
  EXPECT_EQ(room_.last(), Seq{30});
  EXPECT_EQ(gauges_->last, 30u);
}

TEST_F(RoomTest, TellsWhatWasSaidAndByWhom) {
  proto::Headers headers{{{"build", "17"}}};
  std::string encoded;
  proto::encode_value(headers, encoded);
  room_.publish({alice, {}, "alice", true},
                {id, {}, 0, proto::Kind::action, std::string_view(encoded).substr(2), "waves"}, now_);
  room_.flush();
  const auto said = outlet_.deliveries().at(0);
  EXPECT_EQ(said.room, id);
  EXPECT_EQ(said.from.str(), "alice");
  EXPECT_EQ(said.flags, proto::flags::verified);
  EXPECT_EQ(said.kind, proto::Kind::action);
  EXPECT_EQ(said.headers, headers);
  EXPECT_EQ(said.body.bytes, "waves");
  EXPECT_EQ(said.time, now_);
}

TEST_F(RoomTest, NobodyCanClaimToBeVerified) {
  say(alice, "trust me", 0, proto::flags::verified);
  room_.flush();
  EXPECT_EQ(outlet_.deliveries().at(0).flags, 0);
}

TEST_F(RoomTest, TimeNeverGoesBackWhateverTheClockDoes) {
  for (const std::uint64_t at : {1'000, 3'000, 2'000, 2'500, 4'000}) {
    now_.ns = at;
    fill(1);
  }
  std::vector<std::uint64_t> times;
  for (const auto& delivery : outlet_.deliveries()) times.push_back(delivery.time.ns);
  EXPECT_EQ(times, (std::vector<std::uint64_t>{1'000, 3'000, 3'000, 3'000, 4'000}));
}

TEST_F(RoomTest, MessagesOfEverySizeComeOutWhole) {
  std::vector<std::string> said;
  for (const std::size_t size : {0ul, 1ul, 900ul, 1024ul, 70'000ul, 3ul, limits::body_bytes_max, 5ul}) {
    said.push_back(std::string(size, static_cast<char>('a' + said.size())));
    say(alice, said.back());
    if (said.size() % 3 == 0) room_.flush();
  }
  room_.flush();
  const auto deliveries = outlet_.deliveries();
  ASSERT_EQ(deliveries.size(), said.size());
  for (std::size_t i = 0; i < said.size(); ++i) EXPECT_TRUE(deliveries[i].body.bytes == said[i]);
}

// ── acknowledging ────────────────────────────────────────────────────────────────────────────────────────────────────

TEST_F(RoomTest, NothingIsSeenOrAcknowledgedBeforeItIsCommitted) {
  say(alice, "hi", 1);
  EXPECT_TRUE(room_.dirty());
  EXPECT_TRUE(outlet_.order.empty());
  EXPECT_EQ(room_.last(), Seq{});
  room_.flush();
  EXPECT_FALSE(room_.dirty());
  EXPECT_EQ(outlet_.order, (std::vector<std::string>{"fan out", "acknowledge"}));
}

TEST_F(RoomTest, OneAcknowledgementAnswersAllOfASessionsPublishes) {
  for (std::uint64_t publish = 1; publish <= 10; ++publish) say(alice, "hi", publish);
  room_.flush();
  ASSERT_EQ(outlet_.acknowledged.size(), 1u);
  EXPECT_EQ(outlet_.acknowledged[0].first, alice);
  EXPECT_EQ(outlet_.acknowledged[0].second.id, PublishId{10});
  EXPECT_EQ(outlet_.acknowledged[0].second.seq, Seq{10});
}

TEST_F(RoomTest, EachPublisherGetsItsOwnAcknowledgement) {
  say(alice, "a", 1);
  say(bob, "b", 1);
  say(alice, "c", 2);
  room_.flush();
  std::map<std::uint32_t, std::uint64_t> last;
  for (const auto& [session, published] : outlet_.acknowledged) last[session.slot] = published.id.value;
  EXPECT_EQ(last, (std::map<std::uint32_t, std::uint64_t>{{alice.slot, 2}, {bob.slot, 1}}));
}

TEST_F(RoomTest, WhoeverAsksForNoAcknowledgementGetsNone) {
  say(alice, "hi", 0);
  room_.flush();
  EXPECT_TRUE(outlet_.acknowledged.empty());
  EXPECT_EQ(outlet_.fanned_out.size(), 1u);
}

TEST_F(RoomTest, APublishSentAgainIsAcknowledgedAgainAndSaidOnce) {
  say(alice, "one", 1);
  say(alice, "two", 2);
  room_.flush();
  say(alice, "one", 1);
  room_.flush();
  EXPECT_EQ(outlet_.fanned_out.size(), 2u);
  EXPECT_EQ(outlet_.acknowledged.back().second.id, PublishId{1});
  EXPECT_EQ(outlet_.acknowledged.back().second.seq, Seq{1});
}

TEST_F(RoomTest, APublishSentAgainBeforeTheCommitIsNotAcknowledgedBeforeItEither) {
  say(alice, "one", 1);
  say(alice, "one", 1);
  EXPECT_TRUE(outlet_.acknowledged.empty());
  room_.flush();
  EXPECT_EQ(outlet_.fanned_out.size(), 1u);
  EXPECT_EQ(outlet_.acknowledged.back().second.id, PublishId{1});
}

TEST_F(RoomTest, APublishOutOfLineIsRefusedWithWhatWasExpectedAndNotSaid) {
  say(alice, "one", 1);
  say(alice, "three", 3);
  say(alice, "four", 4);
  room_.flush();
  EXPECT_EQ(outlet_.fanned_out.size(), 1u);
  ASSERT_EQ(outlet_.refusals.size(), 1u);
  const auto& refused = outlet_.refusals[0].second;
  EXPECT_EQ(refused.id, PublishId{3});
  EXPECT_EQ(refused.expected, PublishId{2});
  EXPECT_EQ(refused.status, Status::failed_precondition);
  EXPECT_EQ(refused.sentence.str(), "publish 3 came where 2 was expected");
}

TEST_F(RoomTest, APostIsAnsweredWithItsPlaceOnceCommitted) {
  fill(2);
  outlet_.order.clear();
  room_.post({bob, {}, "bob", false}, {CallId{9}}, {id, {}, 0, proto::Kind::text, {}, "hi"}, now_);
  EXPECT_TRUE(outlet_.replies.empty());
  room_.flush();
  EXPECT_EQ(outlet_.order, (std::vector<std::string>{"fan out", "reply"}));
  const auto reply = proto::decode_value<proto::RoomPost::Reply>(outlet_.replies.at(0).result).value();
  EXPECT_EQ(outlet_.replies[0].session, bob);
  EXPECT_EQ(outlet_.replies[0].call, CallId{9});
  EXPECT_EQ(reply.seq, Seq{3});
  EXPECT_EQ(reply.time, now_);
}

// ── hearing ──────────────────────────────────────────────────────────────────────────────────────────────────────────

TEST_F(RoomTest, CountsItsSubscribersByCore) {
  attach(alice);
  attach(bob);
  attach(carol);
  attach({alice, proto::From::now, {}, GroupName::literal("workers")});
  fill(1);
  EXPECT_EQ(outlet_.subscribers, (std::vector<std::uint32_t>{1, 2})) << "a group's members are given theirs one by one";
  EXPECT_EQ(gauges_->subscribers, 4u);
  room_.detach(bob, {});
  room_.detach(alice, GroupName::literal("workers"));
  fill(1);
  EXPECT_EQ(outlet_.subscribers, (std::vector<std::uint32_t>{1, 1}));
  EXPECT_EQ(gauges_->subscribers, 2u);
}

TEST_F(RoomTest, FromNowBeginsAfterTheNewest) {
  EXPECT_EQ(attach(alice).next, Seq{1});
  fill(3);
  EXPECT_EQ(attach(alice).next, Seq{4});
  EXPECT_EQ(attach(alice).last, Seq{3});
}

TEST_F(RoomTest, FromASeqBeginsThereIfThatIsNotInTheFuture) {
  fill(3);
  EXPECT_EQ(attach(alice, proto::From::seq, 2).next, Seq{2});
  EXPECT_EQ(attach(alice, proto::From::seq, 0).next, Seq{1});
  EXPECT_EQ(attach(alice, proto::From::seq, 4).next, Seq{4});
  EXPECT_EQ(attach(alice, proto::From::seq, 100).next, Seq{4});
}

TEST_F(RoomTest, FromLastBeginsWithTheNewestWhereNothingIsRetained) {
  EXPECT_EQ(attach(alice, proto::From::last).next, Seq{1});
  fill(3);
  EXPECT_EQ(attach(alice, proto::From::last).next, Seq{3});
  EXPECT_EQ(retained(), "");
}

TEST_F(RoomTest, FromLastGivesTheRetainedMessageAndGoesOnFromNow) {
  say(bob, "state: green", 0, proto::flags::retain);
  say(bob, "just talk");
  room_.flush();
  const auto answer = attach(alice, proto::From::last);
  EXPECT_EQ(answer.next, Seq{3});
  const auto frame = answer.retained.view();
  const auto header = proto::read_frame_header(frame.data());
  EXPECT_EQ(header.type, proto::Retained::type);
  ASSERT_EQ(frame.size(), proto::frame_header_bytes + header.payload_bytes);
  const auto kept = proto::decode_value<proto::Delivery>(frame.substr(4)).value();
  EXPECT_EQ(kept.seq, Seq{1});
  EXPECT_EQ(kept.body.bytes, "state: green");
  EXPECT_EQ(kept.flags, proto::flags::retain);
  EXPECT_FALSE(attach(alice, proto::From::now).retained.chunk) << "only who asks for it";
}

TEST_F(RoomTest, TheNewestRetainedMessageCountsAndAnEmptyOneEndsIt) {
  say(bob, "one", 0, proto::flags::retain);
  say(bob, "two", 0, proto::flags::retain);
  room_.flush();
  EXPECT_NE(retained().find("two"), std::string::npos);
  say(bob, "", 0, proto::flags::retain);
  room_.flush();
  EXPECT_EQ(retained(), "");
}

TEST_F(RoomTest, ARetainedMessageThatIsNotCommittedYetComesAsADeliveryOnly) {
  say(bob, "state: green", 0, proto::flags::retain);
  const auto answer = attach(alice, proto::From::last);
  EXPECT_EQ(answer.next, Seq{1});
  EXPECT_FALSE(answer.retained.chunk) << "or it would come twice";
}

TEST_F(RoomTest, WhatItRetainsIsCountedAndRefusedOverHalfOfTheBudget) {
  budget_.bounds.total_bytes_max = 1000;
  say(bob, std::string(200, 'x'), 1, proto::flags::retain);
  EXPECT_GT(budget_.retained_bytes, 200u);
  say(bob, std::string(600, 'y'), 2, proto::flags::retain);
  EXPECT_EQ(outlet_.refusals.size(), 1u);
  room_.flush();
  EXPECT_EQ(room_.last(), Seq{1});
  say(bob, "", 2, proto::flags::retain);
  EXPECT_EQ(budget_.retained_bytes, 0u);
}

TEST_F(RoomTest, AReaderBehindGetsTheRestOfTheLog) {
  fill(10);
  const auto caught = read(4);
  EXPECT_EQ(caught.lost_first, Seq{});
  EXPECT_EQ(caught.last, Seq{10});
  ASSERT_FALSE(caught.slices.empty());
  EXPECT_EQ(caught.slices.front().first, Seq{4});
  EXPECT_EQ(caught.slices.back().last, Seq{10});
}

TEST_F(ShortRoomTest, AReaderTooFarBehindIsToldExactlyWhatItMissed) {
  fill_chunks(20);
  const auto caught = read(3);
  EXPECT_EQ(caught.lost_first, Seq{3});
  ASSERT_FALSE(caught.slices.empty());
  EXPECT_EQ(caught.lost_last.next(), caught.slices.front().first);
  EXPECT_EQ(caught.slices.back().last, Seq{20});
  EXPECT_GE(caught.slices.front().first, Seq{15});
}

// ── asking ───────────────────────────────────────────────────────────────────────────────────────────────────────────

TEST_F(RoomTest, HistoryPagesBackFromTheNewest) {
  fill(10);
  EXPECT_EQ(seqs(history(0, 4)), from_to(7, 10));
  EXPECT_EQ(seqs(history(7, 4)), from_to(3, 6));
  EXPECT_EQ(seqs(history(3, 4)), from_to(1, 2));
  EXPECT_EQ(seqs(history(1, 4)), from_to(1, 0));
  EXPECT_EQ(seqs(history(100, 4)), from_to(7, 10));
  EXPECT_EQ(history(3, 4).first, Seq{1});
  EXPECT_EQ(history(3, 4).last, Seq{10});
  EXPECT_TRUE(history(0, 0).messages.empty());
}

TEST_F(RoomTest, HistoryOfAnEmptyRoomIsEmpty) {
  const auto page = history(0, 10);
  EXPECT_EQ(page.first, Seq{});
  EXPECT_EQ(page.last, Seq{});
  EXPECT_TRUE(page.messages.empty());
}

TEST_F(RoomTest, AHistoryPageHasAtMostSoManyMessages) {
  fill(600);
  EXPECT_EQ(seqs(history(0, 65535)), from_to(600 - limits::history_page_messages_max + 1, 600));
}

TEST_F(RoomTest, AHistoryPageFitsIntoAFrameAndEndsWhereItWasAskedFor) {
  for (int i = 0; i < 10; ++i) fill(1, 300'000);
  EXPECT_EQ(seqs(history(0, 100)), from_to(8, 10));
  EXPECT_EQ(seqs(history(8, 100)), from_to(5, 7));
}

TEST_F(RoomTest, AHistoryPageHoldsTheLargestMessage) {
  std::string headers;
  for (std::size_t i = 0; i < 8; ++i) headers += std::string("\x01h\xe8\x03", 4) + std::string(1000, 'v');
  room_.publish({alice, {}, std::string(limits::person_name_bytes_max, 'n'), false},
                {id, {}, 0, proto::Kind::data, headers, std::string(limits::body_bytes_max, 'x')}, now_);
  room_.flush();
  EXPECT_EQ(seqs(history(0, 1)), from_to(1, 1));
}

TEST_F(ShortRoomTest, HistorySaysFromWhereOnThereIsSome) {
  fill_chunks(20);
  const auto page = history(0, 512);
  EXPECT_EQ(seqs(page), from_to(page.first.value, 20));
  EXPECT_TRUE(history(page.first.value, 512).messages.empty());
}

TEST_F(RoomTest, NextIsAnsweredByTheFirstMessageAfter) {
  fill(3);
  room_.wait_for_next(alice, CallId{1}, Seq{1});
  ASSERT_EQ(outlet_.replies.size(), 1u) << "it is there already";
  const auto reply = proto::decode_value<proto::RoomNext::Reply>(outlet_.replies[0].result).value();
  EXPECT_EQ(proto::seq_of_delivery(reply.message.bytes), Seq{2});
}

TEST_F(RoomTest, NextWaitsUntilSomethingIsSaid) {
  fill(3);
  room_.wait_for_next(alice, CallId{1}, Seq{});
  room_.wait_for_next(bob, CallId{1}, Seq{3});
  room_.wait_for_next(carol, CallId{1}, Seq{5});
  EXPECT_TRUE(outlet_.replies.empty());
  fill(2);
  ASSERT_EQ(outlet_.replies.size(), 2u);
  for (const auto& answer : outlet_.replies) {
    const auto reply = proto::decode_value<proto::RoomNext::Reply>(answer.result).value();
    EXPECT_EQ(proto::seq_of_delivery(reply.message.bytes), Seq{4});
  }
  fill(1);
  ASSERT_EQ(outlet_.replies.size(), 3u);
  EXPECT_EQ(outlet_.replies.back().session, carol);
  fill(1);
  EXPECT_EQ(outlet_.replies.size(), 3u) << "each once";
}

TEST_F(RoomTest, WhoeverDoesNotWaitAnyMoreIsNotAnswered) {
  room_.wait_for_next(alice, CallId{1}, Seq{});
  room_.wait_for_next(alice, CallId{2}, Seq{});
  room_.forget_waiter(alice, CallId{1});
  fill(1);
  ASSERT_EQ(outlet_.replies.size(), 1u);
  EXPECT_EQ(outlet_.replies[0].call, CallId{2});
}

TEST_F(RoomTest, TooManyThatWaitAreRefused) {
  std::uint64_t call = 0;
  while (outlet_.replies.empty() && call < 100'000) room_.wait_for_next(alice, CallId{++call}, Seq{});
  EXPECT_EQ(outlet_.replies.at(0).status, Status::resource_exhausted);
  EXPECT_GT(call, 1000u);
}

// ── queue groups ─────────────────────────────────────────────────────────────────────────────────────────────────────

class GroupTest : public RoomTest {
 protected:
  explicit GroupTest(TailBounds bounds = {1'000'000, 1u << 30, 1u << 30}) : RoomTest(bounds) {}
  AttachAnswer join(SessionRef who, proto::From from = proto::From::now, std::uint64_t seq = 0) {
    const auto answer = attach({who, from, Seq{seq}, workers_});
    room_.set_ready(who, workers_, true);
    return answer;
  }
  [[nodiscard]] std::multiset<std::uint64_t> all_given() const {
    std::multiset<std::uint64_t> seqs;
    for (const auto& given : outlet_.given) seqs.insert(given.seq);
    return seqs;
  }
  static std::multiset<std::uint64_t> once(std::uint64_t first, std::uint64_t last) {
    const auto seqs = from_to(first, last);
    return {seqs.begin(), seqs.end()};
  }
  const GroupName workers_ = GroupName::literal("workers");
};

TEST_F(GroupTest, EachMessageGoesToOneMember) {
  for (const auto who : {alice, bob, carol}) join(who);
  fill(30);
  EXPECT_EQ(all_given(), once(1, 30));
  for (const auto who : {alice, bob, carol}) EXPECT_EQ(outlet_.seqs_given_to(who).size(), 10u);
}

TEST_F(GroupTest, GroupsAndSubscribersDoNotTakeFromEachOther) {
  attach(alice);
  join(bob);
  attach({carol, proto::From::now, {}, GroupName::literal("others")});
  room_.set_ready(carol, GroupName::literal("others"), true);
  fill(5);
  EXPECT_EQ(outlet_.fanned_out.size(), 5u);
  EXPECT_EQ(outlet_.seqs_given_to(bob), from_to(1, 5));
  EXPECT_EQ(outlet_.seqs_given_to(carol), from_to(1, 5));
}

TEST_F(GroupTest, AMemberIsGivenNothingBeforeItWasToldThatItIsOne) {
  fill(3);
  const auto answer = attach({alice, proto::From::seq, Seq{1}, workers_});
  EXPECT_EQ(answer.next, Seq{1});
  EXPECT_TRUE(outlet_.given.empty());
  room_.set_ready(alice, workers_, true);
  EXPECT_EQ(outlet_.seqs_given_to(alice), from_to(1, 3));
}

TEST_F(GroupTest, ThePlaceOfTheGroupIsThatOfItsFirstMember) {
  join(alice);
  fill(3);
  EXPECT_EQ(join(bob, proto::From::seq, 1).next, Seq{4});
  fill(2);
  EXPECT_EQ(all_given(), once(1, 5));
}

TEST_F(GroupTest, OneThatIsBehindIsGivenNothingWhileAnotherIsNot) {
  join(alice);
  join(bob);
  room_.set_ready(alice, workers_, false);
  fill(10);
  EXPECT_TRUE(outlet_.seqs_given_to(alice).empty());
  EXPECT_EQ(outlet_.seqs_given_to(bob), from_to(1, 10));
}

TEST_F(GroupTest, WithEverybodyBehindMessagesWaitInTheLog) {
  join(alice);
  room_.set_ready(alice, workers_, false);
  fill(10);
  EXPECT_TRUE(outlet_.given.empty());
  room_.set_ready(alice, workers_, true);
  EXPECT_EQ(outlet_.seqs_given_to(alice), from_to(1, 10));
}

TEST_F(GroupTest, WhoeverJoinsTakesWhatWaits) {
  join(alice);
  room_.set_ready(alice, workers_, false);
  fill(3);
  join(bob);
  EXPECT_EQ(outlet_.seqs_given_to(bob), from_to(1, 3));
}

TEST_F(GroupTest, WhatAMemberGivesBackGoesToAnotherAtOnce) {
  join(alice);
  join(bob);
  fill(10);
  const auto unread = outlet_.seqs_given_to(alice);
  outlet_.given.clear();
  room_.set_ready(alice, workers_, false);
  for (const auto seq : unread) room_.give_back(workers_, Seq{seq}, Seq{seq});
  EXPECT_EQ(outlet_.seqs_given_to(bob), unread);
}

TEST_F(GroupTest, WhatALeavingMemberHadGoesToAnother) {
  join(alice);
  join(bob);
  fill(4);
  const auto unread = outlet_.seqs_given_to(alice);
  outlet_.given.clear();
  room_.detach(alice, workers_);
  for (const auto seq : unread) room_.give_back(workers_, Seq{seq}, Seq{seq});
  EXPECT_EQ(outlet_.seqs_given_to(bob), unread);
  EXPECT_TRUE(outlet_.seqs_given_to(alice).empty());
}

TEST_F(GroupTest, AMemberThatGivesBackWhileItIsServedLosesNothing) {
  // As a session does whose outbox overflows: not ready any more, and all that it has goes back.
  join(alice);
  join(bob);
  std::vector<std::uint64_t> held;
  outlet_.on_given = [&](SessionRef who, const GroupName& group, const Slice& slice) {
    if (who != alice) return;
    held.push_back(slice.first.value);
    if (held.size() < 3) return;
    room_.set_ready(alice, group, false);
    for (const auto seq : std::exchange(held, {})) room_.give_back(group, Seq{seq}, Seq{seq});
  };
  fill(20);
  auto reached = outlet_.seqs_given_to(bob);
  reached.insert(reached.end(), held.begin(), held.end());
  EXPECT_EQ(std::multiset(reached.begin(), reached.end()), once(1, 20));
}

TEST_F(GroupTest, IfOneCoreIsFullAMemberOnAnotherIsGivenTheMessage) {
  join(alice);
  join(bob);
  outlet_.full_cores = {bob.core};
  fill(6);
  EXPECT_EQ(outlet_.seqs_given_to(alice), from_to(1, 6));
}

TEST_F(GroupTest, IfAllCoresAreFullItWaitsForOneThatIsNot) {
  join(bob);
  outlet_.full_cores = {bob.core};
  fill(6);
  EXPECT_TRUE(outlet_.given.empty());
  outlet_.full_cores.clear();
  room_.serve_groups();
  EXPECT_EQ(outlet_.seqs_given_to(bob), from_to(1, 6));
}

TEST_F(GroupTest, AGroupEndsWithItsLastMember) {
  join(alice);
  fill(2);
  room_.detach(alice, workers_);
  fill(2);
  EXPECT_EQ(join(alice).next, Seq{5});
}

class ShortGroupTest : public GroupTest {
 protected:
  ShortGroupTest() : GroupTest(TailBounds{5, 1u << 30, 1u << 30}) {}
};

TEST_F(ShortGroupTest, WhatTheLogGaveUpBeforeAnybodyWasReadyIsReportedOnce) {
  join(alice);
  join(bob);
  room_.set_ready(alice, workers_, false);
  room_.set_ready(bob, workers_, false);
  for (int i = 0; i < 20; ++i) fill(1, 40'000);
  room_.set_ready(bob, workers_, true);
  ASSERT_EQ(outlet_.losses.size(), 1u);
  const auto& [who, lost] = outlet_.losses[0];
  EXPECT_EQ(who, bob);
  EXPECT_EQ(lost.first, Seq{1});
  EXPECT_EQ(all_given(), once(lost.last.next().value, 20));
  EXPECT_GT(lost.last, Seq{10});
}

}  // namespace
}  // namespace hubbub::server
