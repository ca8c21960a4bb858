// The judge of durable rooms finds each thing that a hub can do wrong, and nothing in a hub that does nothing wrong.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "server/log/producers.hpp"
#include "tests/support/checker.hpp"

namespace hubbub::test {
namespace {

using testing::HasSubstr;
using testing::UnorderedElementsAre;

constexpr std::uint32_t room = 7;

Said said(std::uint32_t producer, std::uint64_t id) { return {producer, id, producer * 1000 + id}; }

/// Two producers say three messages, reader 1 gets them; in the room are 1.1, 2.1, 1.2 as 1, 2 and 3.
class CheckerTest : public testing::Test {
 protected:
  void say(const Said& what, std::uint64_t seq) {
    history_.sent(room, what);
    history_.acknowledged(room, what.producer, what.id, seq);
  }
  void say_three() {
    say(said(1, 1), 1);
    say(said(2, 1), 2);
    say(said(1, 2), 3);
  }
  void receive_three(std::uint32_t reader) {
    history_.attached(room, reader, 1);
    history_.received(room, reader, 1, said(1, 1));
    history_.received(room, reader, 2, said(2, 1));
    history_.received(room, reader, 3, said(1, 2));
  }
  void read_three() {
    history_.kept(room, 1, 3);
    history_.read(room, 1, said(1, 1));
    history_.read(room, 2, said(2, 1));
    history_.read(room, 3, said(1, 2));
  }
  [[nodiscard]] std::vector<Wrong> wrongs() const {
    std::vector<Wrong> all;
    for (const auto& finding : check(history_)) all.push_back(finding.wrong);
    return all;
  }
  History history_;
};

TEST_F(CheckerTest, FindsNothingWhereNothingIsWrong) {
  say_three();
  receive_three(1);
  read_three();
  EXPECT_EQ(as_text(check(history_)), "");
}

TEST_F(CheckerTest, WhatIsSentAgainAndAcknowledgedTwiceAsTheSameIsAllRight) {
  say_three();
  say(said(1, 1), 1);
  history_.acknowledged(room, 1, 1, 0);  // too long ago to know
  receive_three(1);
  read_three();
  EXPECT_EQ(as_text(check(history_)), "");
}

TEST_F(CheckerTest, WhatWasNeverAcknowledgedMayBeThereOrNot) {
  history_.sent(room, said(3, 1));
  say_three();
  history_.sent(room, said(4, 1));
  history_.kept(room, 1, 4);
  history_.read(room, 1, said(1, 1));
  history_.read(room, 2, said(2, 1));
  history_.read(room, 3, said(1, 2));
  history_.read(room, 4, said(3, 1));
  EXPECT_EQ(as_text(check(history_)), "");
}

TEST_F(CheckerTest, AReaderThatComesBackWhereItWasAndAReaderThatLeavesAreAllRight) {
  say_three();
  history_.attached(room, 1, 1);
  history_.received(room, 1, 1, said(1, 1));
  history_.attached(room, 1, 2);
  history_.received(room, 1, 2, said(2, 1));
  history_.left(room, 1);
  read_three();
  EXPECT_EQ(as_text(check(history_)), "");
}

TEST_F(CheckerTest, ARoomThatWasTrimmedNeedsOnlyTheRest) {
  history_.bounded(room, 1);
  say_three();
  history_.attached(room, 1, 1);
  history_.lost(room, 1, 1, 2);
  history_.received(room, 1, 3, said(1, 2));
  history_.kept(room, 3, 3);
  history_.read(room, 3, said(1, 2));
  EXPECT_EQ(as_text(check(history_)), "");
}

TEST_F(CheckerTest, AMessageThatWasGivenUpAndIsBackAfterALossOfPowerIsAllRight) {
  history_.bounded(room, 1);
  say_three();
  history_.attached(room, 1, 1);
  history_.trimmed(room, 3);
  history_.lost(room, 1, 1, 2);
  history_.received(room, 1, 3, said(1, 2));
  read_three();
  EXPECT_EQ(as_text(check(history_)), "");
}

TEST_F(CheckerTest, FindsAnAcknowledgedMessageThatIsGone) {
  say_three();
  history_.kept(room, 1, 2);
  history_.read(room, 1, said(1, 1));
  history_.read(room, 2, said(2, 1));
  EXPECT_THAT(wrongs(), UnorderedElementsAre(Wrong::acknowledged_is_gone));
  EXPECT_EQ(check(history_).front().sentence,
            "room 7: publish 2 of producer 1 was acknowledged (as 3) and is not there");
}

TEST_F(CheckerTest, FindsAMessageThatIsGoneThoughItWasAcknowledgedWithoutItsSeq) {
  say_three();
  history_.sent(room, said(3, 1));
  history_.acknowledged(room, 3, 1, 0);
  read_three();
  EXPECT_THAT(wrongs(), UnorderedElementsAre(Wrong::acknowledged_is_gone));
}

TEST_F(CheckerTest, FindsAMessageThatASubscriberGotAndThatIsGone) {
  say_three();
  history_.sent(room, said(3, 1));
  receive_three(1);
  history_.received(room, 1, 4, said(3, 1));
  read_three();
  EXPECT_THAT(wrongs(), UnorderedElementsAre(Wrong::seen_is_gone));
}

TEST_F(CheckerTest, FindsAMessageThatNobodySent) {
  say_three();
  history_.kept(room, 1, 4);
  history_.read(room, 1, said(1, 1));
  history_.read(room, 2, said(2, 1));
  history_.read(room, 3, said(1, 2));
  history_.read(room, 4, said(9, 1));
  EXPECT_THAT(wrongs(), UnorderedElementsAre(Wrong::never_sent));
}

TEST_F(CheckerTest, FindsAMessageWithAnotherContentThanWasSent) {
  say_three();
  history_.attached(room, 1, 3);
  history_.received(room, 1, 3, {1, 2, 666});
  read_three();
  EXPECT_THAT(wrongs(), UnorderedElementsAre(Wrong::never_sent));
}

TEST_F(CheckerTest, FindsAMessageThatWasSentToAnotherRoom) {
  history_.sent(room + 1, said(1, 1));
  history_.kept(room, 1, 1);
  history_.read(room, 1, said(1, 1));
  EXPECT_THAT(wrongs(), UnorderedElementsAre(Wrong::never_sent));
}

TEST_F(CheckerTest, FindsAnAcknowledgementOfWhatWasNeverSent) {
  history_.acknowledged(room, 1, 1, 1);
  EXPECT_THAT(wrongs(), UnorderedElementsAre(Wrong::never_sent));
}

TEST_F(CheckerTest, FindsAPublishThatIsThereTwice) {
  say_three();
  history_.sent(room, said(1, 2));
  history_.kept(room, 1, 4);
  history_.read(room, 1, said(1, 1));
  history_.read(room, 2, said(2, 1));
  history_.read(room, 3, said(1, 2));
  history_.read(room, 4, said(1, 2));
  EXPECT_THAT(wrongs(), UnorderedElementsAre(Wrong::twice));
}

TEST_F(CheckerTest, FindsTwoAcknowledgementsOfOnePublishThatSayDifferentThings) {
  history_.sent(room, said(1, 1));
  history_.acknowledged(room, 1, 1, 1);
  history_.acknowledged(room, 1, 1, 2);
  EXPECT_THAT(wrongs(), UnorderedElementsAre(Wrong::twice));
}

TEST_F(CheckerTest, FindsASeqWithoutAMessage) {
  say_three();
  history_.sent(room, said(3, 1));
  history_.kept(room, 1, 5);
  history_.read(room, 1, said(1, 1));
  history_.read(room, 2, said(2, 1));
  history_.read(room, 3, said(1, 2));
  history_.read(room, 5, said(3, 1));
  EXPECT_THAT(wrongs(), UnorderedElementsAre(Wrong::hole));
}

TEST_F(CheckerTest, FindsAReadingThatEndsEarly) {
  history_.sent(room, said(1, 1));
  history_.kept(room, 1, 1);
  EXPECT_THAT(wrongs(), UnorderedElementsAre(Wrong::hole));
}

TEST_F(CheckerTest, FindsReadersThatDisagree) {
  say_three();
  history_.sent(room, said(3, 1));
  receive_three(1);
  history_.attached(room, 2, 1);
  history_.received(room, 2, 1, said(3, 1));
  history_.received(room, 2, 2, said(2, 1));
  history_.received(room, 2, 3, said(1, 2));
  read_three();
  EXPECT_THAT(wrongs(), UnorderedElementsAre(Wrong::two_messages));
}

TEST_F(CheckerTest, FindsAProducersMessagesInAnotherOrder) {
  for (const std::uint64_t id : {1, 2, 3}) history_.sent(room, said(1, id));
  history_.kept(room, 1, 3);
  history_.read(room, 1, said(1, 1));
  history_.read(room, 2, said(1, 3));
  history_.read(room, 3, said(1, 2));
  EXPECT_THAT(wrongs(), testing::Each(Wrong::order_of_producer));
  EXPECT_FALSE(wrongs().empty());
}

TEST_F(CheckerTest, FindsAPublishThatWasLeftOut) {
  for (const std::uint64_t id : {1, 2, 3}) history_.sent(room, said(1, id));
  history_.kept(room, 1, 2);
  history_.read(room, 1, said(1, 1));
  history_.read(room, 2, said(1, 3));
  EXPECT_THAT(wrongs(), UnorderedElementsAre(Wrong::order_of_producer));
}

TEST_F(CheckerTest, FindsAMessageBeforeOneThatWasAcknowledgedWhenItWasFirstSent) {
  history_.sent(room, said(1, 1));
  history_.acknowledged(room, 1, 1, 2);
  history_.sent(room, said(2, 1));
  history_.kept(room, 1, 2);
  history_.read(room, 1, said(2, 1));
  history_.read(room, 2, said(1, 1));
  EXPECT_THAT(wrongs(), UnorderedElementsAre(Wrong::order_of_time));
}

TEST_F(CheckerTest, FindsAMessageBeforeOneThatWasSeenWhenItWasFirstSent) {
  history_.sent(room, said(1, 1));
  history_.attached(room, 1, 2);
  history_.received(room, 1, 2, said(1, 1));
  history_.sent(room, said(2, 1));
  history_.kept(room, 1, 2);
  history_.read(room, 1, said(2, 1));
  history_.read(room, 2, said(1, 1));
  EXPECT_THAT(wrongs(), UnorderedElementsAre(Wrong::order_of_time));
}

TEST_F(CheckerTest, FindsAGapThatAReaderWasNotTold) {
  say_three();
  history_.attached(room, 1, 1);
  history_.received(room, 1, 1, said(1, 1));
  history_.received(room, 1, 3, said(1, 2));
  read_three();
  EXPECT_THAT(wrongs(), UnorderedElementsAre(Wrong::unreported_gap));
}

TEST_F(CheckerTest, FindsAGapOverAReconnect) {
  say_three();
  history_.attached(room, 1, 1);
  history_.received(room, 1, 1, said(1, 1));
  history_.attached(room, 1, 3);
  history_.received(room, 1, 3, said(1, 2));
  read_three();
  EXPECT_THAT(wrongs(), UnorderedElementsAre(Wrong::unreported_gap));
}

TEST_F(CheckerTest, FindsARepetition) {
  say_three();
  receive_three(1);
  history_.received(room, 1, 3, said(1, 2));
  read_three();
  EXPECT_THAT(wrongs(), UnorderedElementsAre(Wrong::repeated));
}

TEST_F(CheckerTest, FindsALossThatIsNone) {
  say_three();
  history_.attached(room, 1, 1);
  history_.lost(room, 1, 1, 2);
  history_.received(room, 1, 3, said(1, 2));
  read_three();
  EXPECT_THAT(wrongs(), UnorderedElementsAre(Wrong::false_loss));
}

TEST_F(CheckerTest, FindsARoomThatWasTrimmedAndIsKeptForEver) {
  say_three();
  history_.kept(room, 3, 3);
  history_.read(room, 3, said(1, 2));
  EXPECT_THAT(wrongs(), UnorderedElementsAre(Wrong::trimmed_too_much));
}

TEST_F(CheckerTest, FindsAHubThatSaysItHasTrimmedARoomThatIsKeptForEver) {
  say_three();
  history_.trimmed(room, 2);
  EXPECT_THAT(wrongs(), UnorderedElementsAre(Wrong::trimmed_too_much));
}

TEST_F(CheckerTest, FindsARoomThatWasTrimmedToLessThanItHasToKeep) {
  history_.bounded(room, 2);
  say_three();
  history_.trimmed(room, 3);
  history_.kept(room, 3, 3);
  history_.read(room, 3, said(1, 2));
  EXPECT_THAT(wrongs(), UnorderedElementsAre(Wrong::trimmed_too_much));
}

TEST_F(CheckerTest, FindsARoomThatWasTrimmedEmpty) {
  history_.bounded(room, 2);
  say_three();
  history_.kept(room, 4, 3);
  EXPECT_THAT(wrongs(), UnorderedElementsAre(Wrong::trimmed_too_much));
}

TEST_F(CheckerTest, FindsAReaderThatIsLeftBehind) {
  say_three();
  history_.attached(room, 1, 1);
  history_.received(room, 1, 1, said(1, 1));
  read_three();
  EXPECT_THAT(wrongs(), UnorderedElementsAre(Wrong::left_behind));
}

TEST_F(CheckerTest, FindsAProducerThatWasForgotten) {
  say_three();
  history_.forgotten(room, 1);
  read_three();
  EXPECT_THAT(wrongs(), UnorderedElementsAre(Wrong::forgotten_producer));
}

TEST_F(CheckerTest, AProducerMayBeForgottenWhereThereWereTooManyOfThem) {
  for (std::uint32_t producer = 1; producer <= server::producers_per_room_max + 1; ++producer)
    say(said(producer, 1), producer);
  history_.forgotten(room, 1);
  EXPECT_EQ(as_text(check(history_)), "");
}

TEST_F(CheckerTest, SaysNoMoreThanItIsAskedFor) {
  for (std::uint64_t id = 1; id <= 100; ++id) history_.acknowledged(room, 1, id, id);
  EXPECT_EQ(check(history_, 5).size(), 5U);
}

TEST_F(CheckerTest, JudgesAMillionHappenings) {
  constexpr std::uint64_t messages = 300'000;
  history_.attached(room, 1, 1);
  for (std::uint64_t id = 1; id <= messages; ++id) {
    say(said(1, id), id);
    history_.received(room, 1, id, said(1, id));
  }
  history_.kept(room, 1, messages);
  for (std::uint64_t id = 1; id <= messages; ++id) history_.read(room, id, said(1, id));
  EXPECT_EQ(as_text(check(history_)), "");
}

}  // namespace
}  // namespace hubbub::test
