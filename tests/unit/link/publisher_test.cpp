#include "client/link/publisher.hpp"

#include <gtest/gtest.h>

#include "common/frame_reader.hpp"
#include "proto/hot.hpp"

namespace hubbub::link {
namespace {

constexpr RoomId room{5};
constexpr std::size_t no_limit = 1u << 20;

Outgoing saying(std::string body) {
  Outgoing message;
  message.room = RoomName::literal("lobby");
  message.body = std::move(body);
  return message;
}

/// What is sent now, as "id:body" in order.
std::vector<std::string> sent_by(Publisher& publisher, std::size_t bytes = no_limit) {
  std::string out;
  publisher.take_unsent(room, out, bytes);
  std::vector<std::string> sent;
  FrameReader reader(limits::frame_bytes_max);
  reader.feed(out, [&](const proto::Frame& frame) {
    const auto said = proto::PublishView::parse(frame.payload);
    EXPECT_EQ(said->room, room);
    sent.push_back(std::to_string(said->id.value) + ":" + std::string(said->body));
    return true;
  });
  return sent;
}

Publisher publisher_of(std::initializer_list<const char*> bodies) {
  Publisher publisher;
  for (const auto* body : bodies) publisher.push(saying(body));
  return publisher;
}

using Sent = std::vector<std::string>;
using Verdict = Publisher::Verdict;

TEST(Publisher, NumbersFromOneInTheOrderOfPushing) {
  auto publisher = publisher_of({"a", "b"});
  EXPECT_EQ(sent_by(publisher), (Sent{"1:a", "2:b"}));
  publisher.push(saying("c"));
  EXPECT_EQ(sent_by(publisher), (Sent{"3:c"}));
  EXPECT_FALSE(publisher.has_unsent());
}

TEST(Publisher, StopsAtTheLimitOfTheOutputAndGoesOnThere) {
  auto publisher = publisher_of({"a", "b", "c"});
  EXPECT_EQ(sent_by(publisher, 1), (Sent{"1:a"}));
  EXPECT_EQ(sent_by(publisher), (Sent{"2:b", "3:c"}));
}

TEST(Publisher, DropsEverythingUpToTheAcknowledgedId) {
  auto publisher = publisher_of({"a", "b", "c"});
  sent_by(publisher);
  EXPECT_TRUE(publisher.acknowledge(PublishId{2}));
  EXPECT_EQ(publisher.count(), 1u);
  EXPECT_EQ(publisher.settled(), 2u);
  EXPECT_FALSE(publisher.acknowledge(PublishId{2}));
  EXPECT_FALSE(publisher.acknowledge(PublishId{1}));
  EXPECT_TRUE(publisher.acknowledge(PublishId{3}));
  EXPECT_EQ(publisher.bytes(), 0u);
}

TEST(Publisher, TakesNothingForAcknowledgedThatWasNotSent) {
  auto publisher = publisher_of({"a", "b"});
  EXPECT_EQ(sent_by(publisher, 1), (Sent{"1:a"}));
  publisher.acknowledge(PublishId{99});
  EXPECT_EQ(publisher.count(), 1u);
  EXPECT_EQ(sent_by(publisher), (Sent{"2:b"}));
}

TEST(Publisher, SendsTheUnacknowledgedAgainUnderTheSameIds) {
  auto publisher = publisher_of({"a", "b", "c"});
  sent_by(publisher);
  publisher.acknowledge(PublishId{1});
  publisher.rewind();
  EXPECT_EQ(sent_by(publisher), (Sent{"2:b", "3:c"}));
}

TEST(Publisher, CountsFromOneAgainForANewHub) {
  auto publisher = publisher_of({"a", "b", "c"});
  sent_by(publisher);
  publisher.acknowledge(PublishId{2});
  publisher.renumber(PublishId{1});
  publisher.push(saying("d"));
  EXPECT_EQ(sent_by(publisher), (Sent{"1:c", "2:d"}));
}

TEST(Publisher, RewindsToWhatTheHubExpects) {
  auto publisher = publisher_of({"a", "b", "c", "d"});
  sent_by(publisher);
  const auto refusal = publisher.refuse(PublishId{3}, PublishId{2}, Status::failed_precondition);
  EXPECT_EQ(refusal.verdict, Verdict::resend);
  EXPECT_EQ(sent_by(publisher), (Sent{"2:b", "3:c", "4:d"}));
}

TEST(Publisher, DoesNotTakeWhatStandsBeforeTheExpectedForAcknowledged) {
  auto publisher = publisher_of({"a", "b", "c"});
  sent_by(publisher);
  publisher.refuse(PublishId{3}, PublishId{3}, Status::resource_exhausted);
  EXPECT_EQ(publisher.count(), 3u);
  publisher.rewind();
  EXPECT_EQ(sent_by(publisher), (Sent{"1:a", "2:b", "3:c"}));
}

TEST(Publisher, WaitsBeforeItSendsAgainToABusyHub) {
  auto publisher = publisher_of({"a", "b"});
  sent_by(publisher);
  EXPECT_EQ(publisher.refuse(PublishId{2}, PublishId{2}, Status::resource_exhausted).verdict, Verdict::resend_later);
  EXPECT_EQ(sent_by(publisher), (Sent{"2:b"}));
}

TEST(Publisher, DropsOneThatIsRefusedForGoodAndMovesTheOthersUp) {
  auto publisher = publisher_of({"a", "bad", "c", "d"});
  sent_by(publisher);
  const auto refusal = publisher.refuse(PublishId{2}, PublishId{2}, Status::permission_denied);
  EXPECT_EQ(refusal.verdict, Verdict::refused);
  EXPECT_EQ(refusal.ticket, 2u);
  EXPECT_EQ(sent_by(publisher), (Sent{"2:c", "3:d"}));
  publisher.acknowledge(PublishId{3});
  EXPECT_EQ(publisher.count(), 0u);
}

TEST(Publisher, ActsOnceOnABurstThatIsRefusedTwice) {
  auto publisher = publisher_of({"bad", "b", "c"});
  sent_by(publisher);
  EXPECT_EQ(publisher.refuse(PublishId{1}, PublishId{1}, Status::invalid_argument).verdict, Verdict::refused);
  EXPECT_EQ(sent_by(publisher), (Sent{"1:b", "2:c"}));
  // the rest of the first burst complains, too
  EXPECT_EQ(publisher.refuse(PublishId{2}, PublishId{1}, Status::failed_precondition).verdict, Verdict::nothing);
  EXPECT_FALSE(publisher.has_unsent());
}

TEST(Publisher, ListensToTheHubAgainOnceItHasTakenSomething) {
  auto publisher = publisher_of({"a", "b", "c"});
  sent_by(publisher);
  publisher.refuse(PublishId{2}, PublishId{1}, Status::failed_precondition);
  sent_by(publisher);
  publisher.acknowledge(PublishId{1});
  EXPECT_EQ(publisher.refuse(PublishId{3}, PublishId{2}, Status::failed_precondition).verdict, Verdict::resend);
  EXPECT_EQ(sent_by(publisher), (Sent{"2:b", "3:c"}));
}

TEST(Publisher, NumbersAsAHubWantsItThatHasForgottenTheClient) {
  auto publisher = publisher_of({"a", "b", "c"});
  sent_by(publisher);
  publisher.acknowledge(PublishId{2});
  EXPECT_EQ(publisher.refuse(PublishId{3}, PublishId{1}, Status::failed_precondition).verdict, Verdict::resend);
  EXPECT_EQ(sent_by(publisher), (Sent{"1:c"}));
}

TEST(Publisher, IgnoresARefusalOfWhatItHasNotSent) {
  auto publisher = publisher_of({"a", "b"});
  EXPECT_EQ(publisher.refuse(PublishId{1}, PublishId{1}, Status::invalid_argument).verdict, Verdict::nothing);
  sent_by(publisher, 1);
  EXPECT_EQ(publisher.refuse(PublishId{9}, PublishId{9}, Status::invalid_argument).verdict, Verdict::nothing);
  EXPECT_EQ(publisher.refuse(PublishId{1}, PublishId{2}, Status::invalid_argument).verdict, Verdict::nothing);
  EXPECT_EQ(publisher.count(), 2u);
}

TEST(Publisher, NeverUsesTheIdOfADroppedMessageAgain) {
  auto publisher = publisher_of({"a", "b"});
  sent_by(publisher);
  publisher.clear();
  EXPECT_EQ(publisher.settled(), 2u);
  publisher.push(saying("c"));
  EXPECT_EQ(sent_by(publisher), (Sent{"3:c"}));
}

TEST(Publisher, HoldsNoMoreMemoryThanItsMessagesNeed) {
  Publisher publisher;
  const std::string body(1000, 'x');
  for (int i = 1; i <= 5000; ++i) {
    publisher.push(saying(body));
    sent_by(publisher);
    if (i > 10) publisher.acknowledge(PublishId{static_cast<std::uint64_t>(i - 10)});
  }
  EXPECT_EQ(publisher.count(), 10u);
  EXPECT_LT(publisher.bytes(), 11'000u);
  EXPECT_LT(publisher.memory_bytes(), 100'000u);
}

TEST(Publisher, CannotGoOnWhereAnotherHasItsName) {
  auto publisher = publisher_of({"a", "b"});
  sent_by(publisher);
  EXPECT_EQ(publisher.refuse(PublishId{1}, PublishId{1}, Status::aborted, proto::Refusal::fenced).verdict,
            Verdict::ended);
  EXPECT_EQ(publisher.refuse(PublishId{2}, PublishId{3}, Status::aborted, proto::Refusal::conflict).verdict,
            Verdict::conflict);
  EXPECT_EQ(publisher.refuse(PublishId{9}, PublishId{3}, Status::aborted, proto::Refusal::conflict).verdict,
            Verdict::nothing);
}

TEST(Publisher, SaysItAgainLaterWhereTheOutcomeIsUnknown) {
  auto publisher = publisher_of({"a"});
  sent_by(publisher);
  const auto verdict =
      publisher.refuse(PublishId{1}, PublishId{1}, Status::unknown, proto::Refusal::unknown_outcome).verdict;
  EXPECT_EQ(verdict, Verdict::resend_later);
  EXPECT_EQ(sent_by(publisher), (Sent{"1:a"}));
}

TEST(Publisher, KnowsWhatADurableRoomThatHasForgottenItMayHaveTaken) {
  auto publisher = publisher_of({"a", "b", "c"});
  sent_by(publisher);
  publisher.acknowledge(PublishId{1});
  publisher.rewind();
  publisher.push(saying("d"));
  sent_by(publisher);
  const auto refused = [&](bool durable) {
    return publisher
        .refuse(PublishId{2}, PublishId{1}, Status::failed_precondition, proto::Refusal::unknown_producer, durable)
        .verdict;
  };
  EXPECT_EQ(refused(true), Verdict::forgotten);
  EXPECT_EQ(publisher.of_unknown_outcome(), 2u) << "d was sent only to the hub that says it has nothing";
  publisher.forget(2);
  publisher.renumber(PublishId{1});
  EXPECT_EQ(sent_by(publisher), (Sent{"1:d"}));
  EXPECT_EQ(publisher.settled(), 3u);
}

TEST(Publisher, BeginsAnewInATransientRoomThatHasForgottenIt) {
  auto publisher = publisher_of({"a", "b"});
  sent_by(publisher);
  publisher.acknowledge(PublishId{1});
  publisher.rewind();
  sent_by(publisher);
  const auto verdict =
      publisher.refuse(PublishId{2}, PublishId{1}, Status::failed_precondition, proto::Refusal::unknown_producer)
          .verdict;
  EXPECT_EQ(verdict, Verdict::resend);
  EXPECT_EQ(sent_by(publisher), (Sent{"1:b"}));
}

}  // namespace
}  // namespace hubbub::link
