// Exactly-once calls while they are under way: who waits, what is to be given to a provider, and when.
#include "server/services/exact_calls.hpp"

#include <gtest/gtest.h>

#include <chrono>

namespace hubbub::server {
namespace {

using std::chrono::milliseconds;
using Key = ExactCalls::Key;

constexpr SessionRef alice{0, 1, 1}, bob{1, 2, 1};
constexpr auto any = [](std::string_view) { return true; };

Key key(std::uint64_t id) { return {ClientId{{1}}, CallId{id}}; }

CallGiven call_of(std::uint64_t id, std::string_view method = "image.scale", std::string arguments = "[1]",
                  std::uint64_t question = 7) {
  return {ClientId{{9}}, CallId{id},           question, MethodName::literal(method), PersonName::literal("alice"),
          true,          std::move(arguments), {}};
}

class ExactCallsTest : public testing::Test {
 protected:
  /// Asked, not known to the store, and written.
  void keep(std::uint64_t id, std::string_view method = "image.scale") {
    ASSERT_TRUE(calls_.ask(key(id), call_of(id, method), alice).value());
    ASSERT_TRUE(calls_.accept(key(id)));
    calls_.written(key(id));
  }
  /// Gives what can be given, as long as `free` providers are left. Returns what was given.
  std::vector<std::uint64_t> give(int free) {
    std::vector<std::uint64_t> given;
    while (const auto next = calls_.next()) {
      if (free-- > 0) {
        given.push_back(next->key.second.value);
        calls_.given(next->key);
      } else {
        calls_.not_given(next->key);
      }
    }
    return given;
  }
  using Ids = std::vector<std::uint64_t>;

  ExactCalls calls_;
};

class FewExactCalls : public ExactCallsTest {
 protected:
  FewExactCalls() { calls_ = ExactCalls({2, 10}); }
};

TEST_F(ExactCallsTest, IsGivenOnceItIsWrittenAndOverOnceItsAnswerIs) {
  ASSERT_TRUE(calls_.ask(key(1), call_of(1), alice).value());
  EXPECT_FALSE(calls_.next());
  EXPECT_FALSE(calls_.is_kept(key(1)));
  ASSERT_TRUE(calls_.accept(key(1)));
  EXPECT_FALSE(calls_.next());
  EXPECT_FALSE(calls_.is_kept(key(1)));
  calls_.written(key(1));
  EXPECT_TRUE(calls_.is_kept(key(1)));
  ASSERT_TRUE(calls_.next());
  EXPECT_EQ(calls_.next()->key, key(1));
  EXPECT_EQ(calls_.next()->attempt, 1u);
  calls_.given(key(1));
  EXPECT_FALSE(calls_.next());
  ASSERT_TRUE(calls_.answered(key(1), {Status::ok, "done"}));
  EXPECT_TRUE(calls_.knows(key(1)));
  const auto over = calls_.over(key(1));
  EXPECT_EQ(over.askers, std::vector{alice});
  EXPECT_EQ(over.reply.result, "done");
  EXPECT_EQ(calls_.size(), 0u);
}

TEST_F(ExactCallsTest, WhoeverAsksMeanwhileWaitsTooWhateverItsState) {
  ASSERT_TRUE(calls_.ask(key(1), call_of(1), alice).value());
  EXPECT_FALSE(calls_.ask(key(1), call_of(1), bob).value()) << "it is looked up once";
  EXPECT_FALSE(calls_.ask(key(1), call_of(1), bob).value());
  ASSERT_TRUE(calls_.accept(key(1)));
  calls_.written(key(1));
  give(1);
  const SessionRef carol{0, 3, 1};
  EXPECT_FALSE(calls_.ask(key(1), call_of(1), carol).value());
  ASSERT_TRUE(calls_.answered(key(1), {}));
  EXPECT_EQ(calls_.over(key(1)).askers, (std::vector{alice, bob, carol}));
}

TEST_F(ExactCallsTest, AnotherQuestionUnderTheSameIdIsRefused) {
  ASSERT_TRUE(calls_.ask(key(1), call_of(1), alice).value());
  const auto asked = calls_.ask(key(1), call_of(1, "image.scale", "[1]", 8), bob);
  ASSERT_FALSE(asked);
  EXPECT_EQ(asked.error().status, Status::already_exists);
  EXPECT_EQ(calls_.over(key(1)).askers, std::vector{alice});
}

TEST_F(ExactCallsTest, WithoutAProviderItWaitsUntilOneOfItsServiceIsThere) {
  keep(1);
  EXPECT_EQ(give(0), Ids{});
  EXPECT_TRUE(calls_.is_anything_waiting());
  calls_.wake("imag", any);
  calls_.wake("image.scale", any);
  calls_.wake("sound", any);
  EXPECT_EQ(give(1), Ids{});
  calls_.wake("image", any);
  EXPECT_EQ(give(1), Ids{1});
  EXPECT_FALSE(calls_.is_anything_waiting());
}

TEST_F(ExactCallsTest, OfOneMethodTheOldestIsGivenFirstAndMethodsTakeTurns) {
  for (const std::uint64_t id : {1, 2, 3}) keep(id, "image.scale");
  for (const std::uint64_t id : {4, 5}) keep(id, "image.crop");
  EXPECT_EQ(give(2), (Ids{1, 4}));
  calls_.wake("image", any);
  EXPECT_EQ(give(9), (Ids{5, 2, 3}));
}

TEST_F(ExactCallsTest, AProviderIsGivenTheMethodsThatItHas) {
  keep(1, "image.scale");
  keep(2, "image.crop");
  EXPECT_EQ(give(0), Ids{});
  calls_.wake("image", [](std::string_view method) { return method == "crop"; });
  EXPECT_EQ(give(9), Ids{2});
}

TEST_F(ExactCallsTest, OnePersonsAreBounded) {
  calls_ = ExactCalls({100, 1000, 2});
  for (const std::uint64_t id : {1, 2}) keep(id);
  ASSERT_TRUE(calls_.ask(key(3), call_of(3), alice).value());
  EXPECT_EQ(calls_.accept(key(3)).error().status, Status::resource_exhausted);
  calls_.over(key(3));
  give(1);
  ASSERT_TRUE(calls_.answered(key(1), {}));
  calls_.over(key(1));
  keep(4);
}

TEST_F(ExactCallsTest, AMethodThatNobodyCanRunHoldsUpNoOther) {
  keep(1, "image.scale");
  keep(2, "image.crop");
  calls_.not_given(calls_.next()->key);
  EXPECT_EQ(give(1), Ids{2});
}

TEST_F(ExactCallsTest, WhatWasNotDoneRestsTwiceAsLongEachTimeUpToHalfAMinute) {
  keep(1);
  for (const int rest_ms : {100, 200, 400, 800, 1600, 3200, 6400, 12800, 25600, 30000, 30000, 30000}) {
    ASSERT_EQ(give(1), Ids{1});
    ASSERT_EQ(calls_.not_done(key(1)), milliseconds(rest_ms));
    calls_.wake("image", any);
    ASSERT_EQ(give(1), Ids{}) << "a new provider doesn't shorten its rest";
    calls_.rested(key(1));
  }
  EXPECT_EQ(calls_.next()->attempt, 13u);
}

TEST_F(ExactCallsTest, OneOfAnEarlierLifeMayHaveBeenGivenBefore) {
  calls_.restore(key(1), call_of(1));
  EXPECT_TRUE(calls_.is_kept(key(1)));
  EXPECT_EQ(calls_.next()->attempt, 2u);
  EXPECT_FALSE(calls_.ask(key(1), call_of(1), alice).value());
}

TEST_F(ExactCallsTest, WhoGivesUpEndsItsOwnWaitAndNothingElse) {
  keep(1);
  EXPECT_FALSE(calls_.ask(key(1), call_of(1), bob).value());
  EXPECT_TRUE(calls_.give_up(key(1), alice));
  EXPECT_FALSE(calls_.give_up(key(1), alice));
  EXPECT_FALSE(calls_.give_up(key(2), bob));
  calls_.lost(bob);
  calls_.lost(bob);
  EXPECT_EQ(give(1), Ids{1});
  ASSERT_TRUE(calls_.answered(key(1), {}));
  EXPECT_TRUE(calls_.over(key(1)).askers.empty());
}

TEST_F(FewExactCalls, AreKeptByNumberAndByBytes) {
  keep(1);
  keep(2);
  ASSERT_TRUE(calls_.ask(key(3), call_of(3), bob).value());
  EXPECT_EQ(calls_.accept(key(3)).error().status, Status::resource_exhausted);
  calls_.over(key(3));
  give(1);
  ASSERT_TRUE(calls_.answered(key(1), {}));
  calls_.over(key(1));
  ASSERT_TRUE(calls_.ask(key(4), call_of(4, "image.scale", "12345678"), bob).value());
  EXPECT_EQ(calls_.accept(key(4)).error().status, Status::resource_exhausted) << "3 bytes and 8 are more than 10";
  calls_.over(key(4));
  ASSERT_TRUE(calls_.ask(key(5), call_of(5, "image.scale", "1234567"), bob).value());
  EXPECT_TRUE(calls_.accept(key(5)));
}

TEST_F(FewExactCalls, AreLookedUpByNumberAndByBytesThoughAsManyAreKept) {
  keep(1);
  keep(2);
  ASSERT_TRUE(calls_.ask(key(3), call_of(3), bob).value());
  EXPECT_EQ(calls_.ask(key(4), call_of(4, "image.scale", "12345678"), bob).error().status, Status::resource_exhausted);
  ASSERT_TRUE(calls_.ask(key(5), call_of(5), bob).value());
  EXPECT_EQ(calls_.ask(key(6), call_of(6), bob).error().status, Status::resource_exhausted);
  calls_.over(key(3));
  EXPECT_TRUE(calls_.ask(key(6), call_of(6), bob).value());
}

TEST_F(FewExactCalls, AnAnswerForWhichThereIsNoRoomCountsAsNone) {
  keep(1);
  keep(2);
  give(2);
  ASSERT_TRUE(calls_.answered(key(1), {Status::ok, "longer than any bound"})) << "the only one may be";
  EXPECT_FALSE(calls_.answered(key(2), {Status::ok, "x"}));
  EXPECT_EQ(calls_.not_done(key(2)), ExactCalls::rest_min);
  calls_.over(key(1));
  calls_.rested(key(2));
  EXPECT_EQ(give(1), Ids{2});
  EXPECT_TRUE(calls_.answered(key(2), {Status::ok, "x"}));
}

}  // namespace
}  // namespace hubbub::server
