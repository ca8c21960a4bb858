#include "client/link/subscriptions.hpp"

#include <gtest/gtest.h>

namespace hubbub::link {
namespace {

Subscription to(std::string_view pattern, bool events = false, std::string_view group = "") {
  Subscription subscription;
  subscription.pattern = Pattern::literal(pattern);
  subscription.events = events;
  subscription.group = GroupName::literal(group);
  return subscription;
}

Cursors::Known known(std::string_view room, std::uint64_t next) { return {RoomName::literal(room), Seq{next}}; }

void expect_call(const proto::RoomSubscribe& call, std::string_view pattern, std::uint64_t seq, bool events = false) {
  EXPECT_EQ(call.pattern.str(), pattern);
  EXPECT_EQ(call.from, proto::From::seq);
  EXPECT_EQ(call.seq.value, seq);
  EXPECT_EQ(call.events, events);
  EXPECT_TRUE(call.group.empty());
}

TEST(Subscriptions, ResumeKnownRoomsFromTheirCursorsAndThenPatternsFromTheBeginning) {
  Subscriptions subscriptions;
  subscriptions.add(to("ci.>"));
  const auto calls = subscriptions.resume({known("ci.main", 41), known("ci.next", 3)});
  ASSERT_EQ(calls.size(), 3u);
  expect_call(calls[0], "ci.main", 41);
  expect_call(calls[1], "ci.next", 3);
  expect_call(calls[2], "ci.>", 1);
}

TEST(Subscriptions, AskOnceForARoomThatIsSubscribedToByItsName) {
  Subscriptions subscriptions;
  subscriptions.add(to("lobby", true));
  const auto calls = subscriptions.resume({known("lobby", 9)});
  ASSERT_EQ(calls.size(), 1u);
  expect_call(calls[0], "lobby", 9, true);
}

TEST(Subscriptions, ReadFromTheBeginningWhereNothingIsKnown) {
  Subscriptions subscriptions;
  subscriptions.add(to("lobby"));
  const auto calls = subscriptions.resume({});
  ASSERT_EQ(calls.size(), 1u);
  expect_call(calls[0], "lobby", 1);
}

TEST(Subscriptions, GiveARoomTheEventsThatAnyOfItsPatternsAskedFor) {
  Subscriptions subscriptions;
  subscriptions.add(to("ci.*", true));
  subscriptions.add(to(">"));
  const auto calls = subscriptions.resume({known("ci.main", 2), known("lobby", 5)});
  expect_call(calls[0], "ci.main", 2, true);
  expect_call(calls[1], "lobby", 5, false);
}

TEST(Subscriptions, ResumeAQueueGroupBehindWhatItsMemberHad) {
  Subscriptions subscriptions;
  subscriptions.add(to("jobs.*", false, "workers"));
  const auto calls = subscriptions.resume({{RoomName::literal("jobs.a"), Seq{7}, GroupName::literal("workers")}});
  ASSERT_EQ(calls.size(), 2u);
  for (const auto& call : calls) EXPECT_EQ(call.group.str(), "workers");
  EXPECT_EQ(calls[0].pattern.str(), "jobs.a");
  EXPECT_EQ(calls[0].seq.value, 7u);
  EXPECT_EQ(calls[1].pattern.str(), "jobs.*");
  EXPECT_EQ(calls[1].from, proto::From::seq);
  EXPECT_EQ(calls[1].seq.value, 1u);
}

TEST(Subscriptions, TakeTheNewerOfTwoForTheSamePattern) {
  Subscriptions subscriptions;
  subscriptions.add(to("lobby"));
  subscriptions.add(to("lobby", true));
  EXPECT_EQ(subscriptions.resume({}).size(), 1u);
  EXPECT_TRUE(subscriptions.resume({})[0].events);
}

TEST(Subscriptions, StopRoomsThatWereResumedByNameWhenTheirPatternGoes) {
  Subscriptions subscriptions;
  subscriptions.add(to("ci.*"));
  subscriptions.add(to("*.main"));
  subscriptions.resume({known("ci.main", 2), known("ci.next", 5)});
  const auto stopped = subscriptions.remove(Pattern::literal("ci.*"));
  ASSERT_EQ(stopped.size(), 1u);
  EXPECT_EQ(stopped[0].str(), "ci.next");
  EXPECT_EQ(subscriptions.remove(Pattern::literal("*.main")).size(), 1u);
  EXPECT_TRUE(subscriptions.resume({}).empty());
}

TEST(Subscriptions, LeaveToTheHubWhatWasNotResumedByName) {
  Subscriptions subscriptions;
  subscriptions.add(to("lobby"));
  subscriptions.resume({known("lobby", 2)});
  EXPECT_TRUE(subscriptions.remove(Pattern::literal("lobby")).empty());
}

}  // namespace
}  // namespace hubbub::link
