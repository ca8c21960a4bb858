// A call that is sent again changes nothing again.
#include <gtest/gtest.h>

#include "server/dispatch/reply_cache.hpp"

namespace hubbub::server {
namespace {

using Begun = ReplyCache::Begun;

constexpr SessionRef first{0, 1, 1}, second{1, 2, 1};
constexpr CallId call{7};
constexpr std::uint64_t question = 9;

ClientId client(std::uint8_t number) {
  ClientId id;
  id.bytes[3] = number;
  return id;
}

TEST(ReplyCache, RunsACallOnceAndThenGivesItsReply) {
  ReplyCache cache(10);
  EXPECT_EQ(cache.begin(client(1), call, question, first), Begun::fresh);
  cache.finish(client(1), call, {Status::already_exists, "taken"});
  EXPECT_EQ(cache.begin(client(1), call, question, first), Begun::done);
  EXPECT_EQ(cache.stored(client(1), call).status, Status::already_exists);
  EXPECT_EQ(cache.stored(client(1), call).result, "taken");
}

TEST(ReplyCache, AnswersWhoeverAskedLast) {
  ReplyCache cache(10);
  cache.begin(client(1), call, question, first);
  EXPECT_EQ(cache.begin(client(1), call, question, second), Begun::running);
  EXPECT_EQ(cache.finish(client(1), call, {}), second);
}

TEST(ReplyCache, DoesNotAnswerAnotherQuestionUnderTheSameId) {
  ReplyCache cache(10);
  cache.begin(client(1), call, question_of("room.post", "hi"), first);
  EXPECT_EQ(cache.begin(client(1), call, question_of("room.post", "ho"), second), Begun::another);
  EXPECT_EQ(cache.begin(client(1), call, question_of("room.leave", "hi"), second), Begun::another);
  EXPECT_EQ(cache.finish(client(1), call, {}), first);
}

TEST(ReplyCache, CallsOfDifferentClientsAreDifferentCalls) {
  ReplyCache cache(10);
  cache.begin(client(1), call, question, first);
  EXPECT_EQ(cache.begin(client(2), call, question, second), Begun::fresh);
}

TEST(ReplyCache, KnowsNothingOfACallThatItDidNotBegin) {
  ReplyCache cache(10);
  EXPECT_EQ(cache.finish(client(1), call, {}), std::nullopt);
  EXPECT_EQ(cache.size(), 0u);
  EXPECT_EQ(cache.begin(client(1), call, question, first), Begun::fresh);
}

TEST(ReplyCache, ForgetsTheOldestReplyFirst) {
  ReplyCache cache(3);
  for (std::uint64_t id = 1; id <= 4; ++id) {
    cache.begin(client(1), CallId{id}, question, first);
    cache.finish(client(1), CallId{id}, {});
  }
  EXPECT_EQ(cache.size(), 3u);
  EXPECT_EQ(cache.begin(client(1), CallId{2}, question, first), Begun::done);
  EXPECT_EQ(cache.begin(client(1), CallId{1}, question, first), Begun::fresh);
}

TEST(ReplyCache, ForgetsNoCallThatStillRuns) {
  ReplyCache cache(1);
  cache.begin(client(1), CallId{1}, question, first);
  for (std::uint64_t id = 2; id <= 4; ++id) {
    cache.begin(client(1), CallId{id}, question, first);
    cache.finish(client(1), CallId{id}, {});
  }
  EXPECT_EQ(cache.begin(client(1), CallId{1}, question, second), Begun::running);
  EXPECT_EQ(cache.finish(client(1), CallId{1}, {}), second);
  EXPECT_EQ(cache.begin(client(1), CallId{1}, question, first), Begun::done) << "the newest reply";
  EXPECT_EQ(cache.size(), 1u);
}

TEST(ReplyCache, TheEndOfACallThatWasForgottenIsNobodys) {
  ReplyCache cache(1);
  cache.begin(client(1), CallId{1}, question, first);
  cache.forget(client(1), CallId{1});
  EXPECT_EQ(cache.finish(client(1), CallId{1}, {}), std::nullopt);
  EXPECT_EQ(cache.size(), 0u);
}

TEST(ReplyCache, ShrinksToASmallerBound) {
  ReplyCache cache(100);
  for (std::uint64_t id = 1; id <= 51; ++id) cache.begin(client(1), CallId{id}, question, first);
  for (std::uint64_t id = 1; id <= 50; ++id) cache.finish(client(1), CallId{id}, {});
  cache.set_replies_max(5);
  cache.finish(client(1), CallId{51}, {});
  EXPECT_EQ(cache.size(), 5u);
}

TEST(ReplyCache, IsBoundedByBytesTooTheOldestGoingFirst) {
  ReplyCache cache(100, 1000);
  for (std::uint64_t id = 1; id <= 3; ++id) {
    cache.begin(client(1), CallId{id}, question, first);
    cache.finish(client(1), CallId{id}, {Status::ok, std::string(400, 'x')});
  }
  EXPECT_EQ(cache.size(), 2u);
  EXPECT_FALSE(cache.knows(client(1), CallId{1}));
  EXPECT_EQ(cache.begin(client(1), CallId{3}, question, first), Begun::done);
  cache.forget(client(1), CallId{2});
  cache.begin(client(1), CallId{4}, question, first);
  cache.finish(client(1), CallId{4}, {Status::ok, std::string(600, 'x')});
  EXPECT_EQ(cache.size(), 2u) << "what was forgotten counts no more";
}

TEST(ReplyCache, KeepsTheNewestReplyHoweverLongItIs) {
  ReplyCache cache(100, 1000);
  cache.begin(client(1), CallId{1}, question, first);
  cache.finish(client(1), CallId{1}, {Status::ok, "short"});
  cache.begin(client(1), CallId{2}, question, first);
  cache.finish(client(1), CallId{2}, {Status::ok, std::string(5000, 'x')});
  EXPECT_EQ(cache.size(), 1u);
  EXPECT_EQ(cache.stored(client(1), CallId{2}).result.size(), 5000u);
}

}  // namespace
}  // namespace hubbub::server
