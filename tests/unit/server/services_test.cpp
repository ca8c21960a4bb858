// Who is given a call of a service, and what becomes of it.
#include <gtest/gtest.h>

#include <algorithm>

#include "tests/unit/server/a_provider.hpp"

namespace hubbub::server {
namespace {

constexpr std::uint64_t ms = 1'000'000;
constexpr SessionRef first{0, 1, 1}, second{1, 2, 1}, third{0, 3, 1}, fourth{1, 4, 1};
constexpr SessionRef caller{0, 100, 1}, another{1, 101, 1};

class ServicesTest : public testing::Test {
 protected:
  ServicesTest() { client_.bytes[0] = 7; }

  void offer(SessionRef session, const proto::ServiceOffer& what, std::string_view person = "bob") {
    const auto offered = services_.offer(session, PersonName::literal(person), what, now_);
    ASSERT_TRUE(offered) << offered.error().sentence;
  }
  Result<Services::Effects> start(std::uint64_t id, std::string_view method = "image.scale", bool all = false,
                                  std::string_view arguments = "[1]", std::uint32_t deadline_ms = 0) {
    return services_.call({caller, PersonName::literal("alice"), true, client_, CallId{id}, deadline_ms},
                          MethodName::literal(method), {all, {}, {arguments}}, now_);
  }
  /// Of a call that is given to one provider.
  Invoked given(std::uint64_t id, std::string_view method = "image.scale") {
    const auto effects = start(id, method);
    if (!effects) throw std::runtime_error(effects.error().sentence);
    return invoked_in(*effects).at(0);
  }
  Services::Effects answer(const Invoked& call, std::string_view result = "done", Status status = Status::ok) {
    return services_.outcome(call.provider, {call.id, status, {result}}, now_);
  }
  Services::Effects give_up(std::uint64_t id, SessionRef asker, Status why = Status::deadline_exceeded) {
    return services_.give_up(client_, CallId{id}, asker, {why, "too late"});
  }
  proto::ServiceProvider listed(std::size_t at = 0) { return services_.list("", 0).providers.at(at); }
  static const Services::Settled& only(const Services::Effects& effects) {
    if (effects.settled.size() != 1) throw std::runtime_error("not settled once");
    return effects.settled[0];
  }
  void expect_nothing_left() {
    EXPECT_EQ(services_.under_way(), 0u);
    EXPECT_EQ(services_.running(), 0u);
    EXPECT_EQ(services_.gathered_bytes(), 0u);
  }

  Services services_{{4, 6, 8, 4096}};
  WallTime now_{1'000'000 * ms};
  ClientId client_;
};

using ServicesToAll = ServicesTest;
using LostProviders = ServicesTest;

// ── one call, one provider ───────────────────────────────────────────────────────────────────────────────────────────

TEST_F(ServicesTest, ACallIsGivenToItsProviderAndItsOutcomeSettlesIt) {
  offer(first, offer_of("image"));
  const auto effects = start(5, "image.scale", false, "[640]", 5000);
  const auto call = invoked_in(effects.value()).at(0);
  EXPECT_EQ(call.provider, first);
  EXPECT_EQ(call.attempt, 1u);
  EXPECT_EQ(call.deadline_ms, 5000u);
  EXPECT_EQ(call.method, "image.scale");
  EXPECT_EQ(call.from, "alice");
  EXPECT_EQ(call.arguments, "[640]");
  now_.ns += 3 * ms;
  const auto outcome = answer(call, "small");
  const auto& settled = only(outcome);
  EXPECT_EQ(settled.askers, std::vector{caller});
  EXPECT_EQ(settled.client, client_);
  EXPECT_EQ(settled.call, CallId{5});
  EXPECT_EQ(settled.reply.status, Status::ok);
  const auto reply = reply_in(settled.reply);
  EXPECT_FALSE(reply.replayed);
  EXPECT_EQ(reply.attempts, 1u);
  ASSERT_EQ(reply.answers.size(), 1u);
  EXPECT_EQ(reply.answers[0].provider.str(), "bob");
  EXPECT_EQ(reply.answers[0].result.bytes, "small");
  EXPECT_EQ(reply.answers[0].took_us, 3000u);
  expect_nothing_left();
}

TEST_F(ServicesTest, AnotherStatusThanOkIsTheCallsOwn) {
  offer(first, offer_of("image"));
  const auto effects = answer(given(1), "no such picture", Status::not_found);
  EXPECT_EQ(only(effects).reply.status, Status::not_found);
  EXPECT_EQ(only(effects).reply.result, "no such picture");
  EXPECT_EQ(listed().errors, 1u);
}

TEST_F(ServicesTest, ASentenceThatIsNoTextIsReplaced) {
  offer(first, offer_of("image"));
  const auto effects = answer(given(1), "\xff\xfe", Status::internal);
  EXPECT_EQ(only(effects).reply.status, Status::internal);
  EXPECT_TRUE(is_utf8(only(effects).reply.result));
  const auto long_one = answer(given(2), std::string(100'000, 'x'), Status::internal);
  EXPECT_LE(only(long_one).reply.result.size(), limits::text_bytes_max);
}

TEST_F(ServicesTest, TheLeastBusyIsGivenTheCallAndEqualsTakeTurns) {
  offer(first, offer_of("image", 3));
  offer(second, offer_of("image", 3));
  offer(third, offer_of("image", 3));
  const auto one = given(1), two = given(2), three = given(3);
  EXPECT_EQ(one.provider, first);
  EXPECT_EQ(two.provider, second);
  EXPECT_EQ(three.provider, third);
  answer(one);
  EXPECT_EQ(given(4).provider, first) << "it runs nothing";
  EXPECT_EQ(given(5).provider, second) << "all run one; it was given its last longest ago";
  answer(two);
  answer(three);
  EXPECT_EQ(given(6).provider, third) << "it runs nothing, second its fifth";
}

TEST_F(ServicesTest, BeyondWhatProvidersRunAtOnceACallIsRefusedAtOnceAndNothingQueues) {
  offer(first, offer_of("image", 2));
  const auto one = given(1);
  given(2);
  EXPECT_EQ(start(3).error().status, Status::resource_exhausted);
  EXPECT_EQ(services_.under_way(), 2u);
  answer(one);
  EXPECT_TRUE(start(4));
}

TEST_F(ServicesTest, ASessionIsGivenNoMoreThanTheHubsBoundWhateverItSays) {
  offer(first, offer_of("image", 4'000'000'000));
  offer(first, offer_of("sound", 4'000'000'000));
  for (std::uint64_t id = 1; id <= 8; ++id) given(id, id % 2 == 0 ? "image.scale" : "sound.scale");
  EXPECT_EQ(start(9).error().status, Status::resource_exhausted);
  EXPECT_EQ(start(9, "sound.scale").error().status, Status::resource_exhausted);
  for (std::uint64_t id = 1; id <= 8; ++id) give_up(id, caller);
  EXPECT_EQ(start(9).error().status, Status::resource_exhausted) << "what was given up still runs there";
  EXPECT_EQ(services_.under_way(), 0u);
  services_.withdraw(first, MethodName::literal("image"));
  offer(first, offer_of("image", 4'000'000'000));
  EXPECT_EQ(start(9).error().status, Status::resource_exhausted) << "nor is offering it anew a way around it";
}

TEST_F(ServicesTest, NobodyWhoOffersIsUnavailableAndNoSuchMethodIsUnimplemented) {
  EXPECT_EQ(start(1).error().status, Status::unavailable);
  offer(first, offer_of("image"));
  const auto error = start(1, "image.paint").error();
  EXPECT_EQ(error.status, Status::unimplemented);
  EXPECT_NE(error.sentence.find("scale, look"), std::string::npos) << error.sentence;
  auto any = offer_of("image");
  any.methods.clear();
  offer(second, any);
  EXPECT_EQ(given(1, "image.paint").provider, second) << "it has any method";
}

TEST_F(ServicesTest, AServiceOfSeveralTokensHasItsOwnMethods) {
  offer(first, offer_of("image.tools"));
  EXPECT_EQ(given(1, "image.tools.scale").provider, first);
  EXPECT_EQ(start(2, "image.scale").error().status, Status::unavailable);
}

TEST_F(ServicesTest, ArgumentsThatFitIntoNoInvokeAreRefused) {
  offer(first, offer_of("image", 9));
  EXPECT_EQ(start(1, "image.scale", false, std::string(limits::frame_bytes_max - 500, 'x')).error().status,
            Status::invalid_argument);
  const auto effects = start(2, "image.scale", false, std::string(limits::frame_bytes_max - 512, 'x'));
  ASSERT_TRUE(effects);
  EXPECT_LE(effects->orders.at(0).frame.size(), limits::frame_bytes_max + proto::frame_header_bytes);
}

TEST_F(ServicesTest, AResultThatFitsIntoNoReplyIsOutOfRange) {
  offer(first, offer_of("image"));
  const auto effects = answer(given(1), std::string(limits::frame_bytes_max - 100, 'x'));
  EXPECT_EQ(only(effects).reply.status, Status::out_of_range);
  const auto fits = answer(given(2), std::string(1'000'000, 'x'));
  EXPECT_EQ(only(fits).reply.status, Status::ok);
}

TEST_F(ServicesTest, AnOutcomeThatIsNotOwedByThatSessionIsDropped) {
  offer(first, offer_of("image"));
  offer(second, offer_of("sound"));
  const auto call = given(1);
  EXPECT_TRUE(services_.outcome(second, {call.id, Status::ok, {"mine"}}, now_).settled.empty());
  EXPECT_TRUE(services_.outcome(first, {InvocationId{99}, Status::ok, {"mine"}}, now_).settled.empty());
  EXPECT_EQ(reply_in(only(answer(call, "his")).reply).answers.at(0).result.bytes, "his");
  EXPECT_TRUE(answer(call, "again").settled.empty());
  EXPECT_EQ(listed().running, 0u);
  EXPECT_EQ(listed().calls, 1u);
}

// ── offers ───────────────────────────────────────────────────────────────────────────────────────────────────────────

TEST_F(ServicesTest, OffersAreBoundedBySessionAndInAll) {
  for (const auto* service : {"a", "b", "c", "d"}) offer(first, offer_of(service));
  const auto refused = services_.offer(first, PersonName::literal("bob"), offer_of("e"), now_);
  EXPECT_EQ(refused.error().status, Status::resource_exhausted);
  offer(second, offer_of("a"));
  offer(second, offer_of("b"));
  EXPECT_EQ(services_.offer(third, PersonName::literal("bob"), offer_of("a"), now_).error().status,
            Status::resource_exhausted);
  ASSERT_TRUE(services_.withdraw(first, MethodName::literal("a")));
  EXPECT_TRUE(services_.offer(third, PersonName::literal("bob"), offer_of("a"), now_));
  EXPECT_TRUE(services_.lost(fourth, now_).settled.empty()) << "nothing is there of who was never taken";
}

TEST_F(ServicesTest, AnOfferThatMakesNoSenseIsRefused) {
  EXPECT_EQ(services_.offer(first, PersonName::literal("bob"), offer_of("image", 0), now_).error().status,
            Status::invalid_argument);
  auto wordy = offer_of("image");
  wordy.methods.resize(1000, method_of("a-method-with-a-long-name"));
  EXPECT_EQ(services_.offer(first, PersonName::literal("bob"), wordy, now_).error().status, Status::invalid_argument);
  EXPECT_EQ(services_.offers(), 0u);
}

TEST_F(ServicesTest, OfferedAgainItIsDescribedAnewAndIsTheSameProvider) {
  offer(first, offer_of("image", 1));
  const auto call = given(1);
  auto more = offer_of("image", 2);
  more.methods = {method_of("paint")};
  offer(first, more);
  EXPECT_EQ(services_.offers(), 1u);
  EXPECT_EQ(listed().running, 1u);
  EXPECT_EQ(start(2).error().status, Status::unimplemented);
  EXPECT_EQ(given(2, "image.paint").provider, first);
  EXPECT_EQ(start(3, "image.paint").error().status, Status::resource_exhausted);
  EXPECT_EQ(only(answer(call)).reply.status, Status::ok);
}

TEST_F(ServicesTest, WithdrawnItIsGivenNoMoreAndWhatRunsGoesOn) {
  offer(first, offer_of("image", 2));
  const auto call = given(1);
  ASSERT_TRUE(services_.withdraw(first, MethodName::literal("image")));
  EXPECT_EQ(services_.withdraw(first, MethodName::literal("image")).error().status, Status::not_found);
  EXPECT_EQ(start(2).error().status, Status::unavailable);
  EXPECT_TRUE(services_.list("", 0).providers.empty());
  EXPECT_EQ(services_.offers(), 1u);
  EXPECT_EQ(only(answer(call)).reply.status, Status::ok);
  EXPECT_EQ(services_.offers(), 0u);
}

TEST_F(ServicesTest, OfferedAnewWhileTheWithdrawnOneStillRunsItIsAnother) {
  offer(first, offer_of("image"));
  const auto call = given(1);
  services_.withdraw(first, MethodName::literal("image"));
  offer(first, offer_of("image"));
  const auto next = given(2);
  EXPECT_EQ(only(answer(call)).call, CallId{1});
  EXPECT_EQ(services_.offers(), 1u);
  EXPECT_EQ(only(answer(next)).call, CallId{2});
  expect_nothing_left();
}

TEST_F(ServicesTest, OfferedTwiceByOnePersonItHasTwoProviders) {
  offer(first, offer_of("image"));
  offer(second, offer_of("image"));
  given(1);
  given(2);
  EXPECT_EQ(start(3).error().status, Status::resource_exhausted);
}

TEST_F(ServicesTest, AnswersCarryTheNameThatTheProviderHasNow) {
  offer(first, offer_of("image"));
  const auto call = given(1);
  services_.renamed(first, PersonName::literal("robert"));
  EXPECT_EQ(reply_in(only(answer(call)).reply).answers.at(0).provider.str(), "robert");
  EXPECT_EQ(listed().provider.str(), "robert");
}

// ── lists ────────────────────────────────────────────────────────────────────────────────────────────────────────────

TEST_F(ServicesTest, TheListTellsHowAProviderHasDone) {
  offer(first, offer_of("image"));
  for (std::uint64_t id = 1; id <= 100; ++id) {
    const auto call = given(id);
    now_.ns += id * ms;
    answer(call, "", id % 10 == 0 ? Status::internal : Status::ok);
  }
  given(101);
  const auto provider = listed();
  EXPECT_EQ(provider.calls, 100u);
  EXPECT_EQ(provider.errors, 10u);
  EXPECT_EQ(provider.running, 1u);
  EXPECT_EQ(provider.p50_us, 50'000u);
  EXPECT_EQ(provider.p99_us, 99'000u);
  EXPECT_EQ(provider.methods.size(), 2u);
}

TEST_F(ServicesTest, TheListIsOfOneServiceOrAllAndGoesOnBehindANumber) {
  offer(first, offer_of("image"));
  offer(first, offer_of("sound"));
  offer(second, offer_of("image"));
  EXPECT_EQ(services_.list("", 0).providers.size(), 3u);
  const auto images = services_.list("image", 0).providers;
  ASSERT_EQ(images.size(), 2u);
  EXPECT_EQ(services_.list("image", images[0].number).providers.at(0).number, images[1].number);
  EXPECT_TRUE(services_.list("nothing", 0).providers.empty());
}

TEST(ServicesList, ComesInPagesThatFitIntoAReply) {
  Services services({64, 4096, 64, 4096});
  auto wordy = offer_of("image");
  wordy.methods.resize(500, method_of("a-method-with-a-long-name"));
  for (std::uint32_t session = 1; session <= 300; ++session) {
    const auto offered = services.offer({0, session, 1}, PersonName::literal("bob"), wordy, {});
    ASSERT_TRUE(offered) << offered.error().sentence;
  }
  std::uint64_t after = 0;
  std::size_t seen = 0, pages = 0;
  for (bool more = true; more; ++pages) {
    const auto page = services.list("image", after);
    std::string bytes;
    proto::encode_value(page, bytes);
    EXPECT_LE(bytes.size(), limits::frame_bytes_max - 64);
    ASSERT_FALSE(page.providers.empty());
    EXPECT_GT(page.providers.front().number, after);
    after = page.providers.back().number;
    seen += page.providers.size();
    more = page.more;
  }
  EXPECT_EQ(seen, 300u);
  EXPECT_GT(pages, 1u);
}

TEST(Latencies, AreOfTheNewestOnlyAndExact) {
  Latencies latencies;
  EXPECT_EQ(latencies.percentile(50), 0u);
  latencies.add(7);
  EXPECT_EQ(latencies.percentile(0), 7u);
  EXPECT_EQ(latencies.percentile(50), 7u);
  EXPECT_EQ(latencies.percentile(100), 7u);
  for (std::uint32_t us = 1; us <= Latencies::newest_max; ++us) latencies.add(1'000'000 + us);
  EXPECT_EQ(latencies.percentile(0), 1'000'001u) << "the seven has been pushed out";
  EXPECT_EQ(latencies.percentile(50), 1'000'256u);
  EXPECT_EQ(latencies.percentile(99), 1'000'507u);
  EXPECT_EQ(latencies.percentile(100), 1'000'512u);
}

// ── a provider that is lost ──────────────────────────────────────────────────────────────────────────────────────────

TEST_F(LostProviders, ACallThatMayNotBeRepeatedHasAnUnknownOutcome) {
  offer(first, offer_of("image"));
  offer(second, offer_of("image"));
  const auto call = given(1);
  const auto effects = services_.lost(call.provider, now_);
  EXPECT_TRUE(effects.orders.empty()) << "it may have run";
  EXPECT_EQ(only(effects).reply.status, Status::unknown);
  EXPECT_TRUE(answer(call).settled.empty());
  expect_nothing_left();
}

TEST_F(LostProviders, ACallThatMayBeRepeatedIsHandedOnWithWhatIsLeftOfItsTime) {
  offer(first, offer_of("image"));
  offer(second, offer_of("image"));
  const auto one = invoked_in(start(1, "image.look", false, "[7]", 5000).value()).at(0);
  now_.ns += 2000 * ms;
  const auto effects = services_.lost(one.provider, now_);
  EXPECT_TRUE(effects.settled.empty());
  const auto two = invoked_in(effects).at(0);
  EXPECT_EQ(two.provider, second);
  EXPECT_EQ(two.attempt, 2u);
  EXPECT_EQ(two.arguments, "[7]");
  EXPECT_EQ(two.deadline_ms, 3000u);
  EXPECT_NE(two.id, one.id);
  const auto outcome = answer(two);
  EXPECT_EQ(reply_in(only(outcome).reply).attempts, 2u);
  expect_nothing_left();
}

TEST_F(LostProviders, WhereNobodyElseIsFreeItIsUnavailable) {
  offer(first, offer_of("image"));
  offer(second, offer_of("image"));
  given(1, "image.look");
  given(2, "image.look");
  const auto effects = services_.lost(first, now_);
  EXPECT_EQ(only(effects).reply.status, Status::unavailable);
  EXPECT_EQ(services_.under_way(), 1u);
  EXPECT_EQ(only(services_.lost(second, now_)).reply.status, Status::unavailable);
  expect_nothing_left();
}

TEST_F(LostProviders, NobodyIsHandedACallThatHeDidNotSayMayBeRepeated) {
  offer(first, offer_of("image"));
  auto careful = offer_of("image");
  careful.methods = {method_of("look", false)};
  const auto call = given(1, "image.look");
  offer(second, careful);
  const auto effects = services_.lost(call.provider, now_);
  EXPECT_TRUE(effects.orders.empty());
  EXPECT_EQ(only(effects).reply.status, Status::unavailable);
}

TEST_F(LostProviders, AtMostThreeAreGivenTheSameCall) {
  for (const auto session : {first, second, third, fourth}) offer(session, offer_of("image"));
  auto call = given(1, "image.look");
  for (std::uint16_t attempt = 2; attempt <= 3; ++attempt) {
    call = invoked_in(services_.lost(call.provider, now_)).at(0);
    EXPECT_EQ(call.attempt, attempt);
  }
  const auto effects = services_.lost(call.provider, now_);
  EXPECT_TRUE(effects.orders.empty());
  EXPECT_EQ(only(effects).reply.status, Status::unavailable);
  EXPECT_EQ(services_.offers(), 1u);
}

TEST_F(LostProviders, WhatItStillRanThoughItWasWithdrawnIsLostToo) {
  offer(first, offer_of("image"));
  given(1);
  services_.withdraw(first, MethodName::literal("image"));
  EXPECT_EQ(only(services_.lost(first, now_)).reply.status, Status::unknown);
  EXPECT_EQ(services_.offers(), 0u);
  expect_nothing_left();
}

TEST_F(LostProviders, AreNotGivenTheirOwnCallsAgain) {
  offer(first, offer_of("image", 3));
  given(1, "image.look");
  given(2, "image.look");
  EXPECT_EQ(services_.lost(first, now_).settled.size(), 2u);
  expect_nothing_left();
}

TEST_F(LostProviders, ACallThatNobodyWaitsForAnyMoreIsNotHandedOn) {
  offer(first, offer_of("image"));
  offer(second, offer_of("image"));
  const auto call = given(1, "image.look");
  services_.lost(caller, now_);
  EXPECT_EQ(services_.under_way(), 1u) << "its client may come back";
  const auto effects = services_.lost(call.provider, now_);
  EXPECT_TRUE(effects.orders.empty());
  EXPECT_TRUE(only(effects).askers.empty());
  EXPECT_EQ(only(effects).reply.status, Status::unavailable);
}

TEST_F(LostProviders, ACallWhoseCallerCameBackIsHandedOnAgain) {
  offer(first, offer_of("image"));
  offer(second, offer_of("image"));
  const auto call = given(1, "image.look");
  services_.lost(caller, now_);
  ASSERT_TRUE(services_.ask_too(client_, CallId{1}, another, "[1]"));
  const auto again = invoked_in(services_.lost(call.provider, now_)).at(0);
  EXPECT_EQ(again.arguments, "[1]");
  EXPECT_EQ(only(answer(again)).askers, std::vector{another});
}

// ── who waits ────────────────────────────────────────────────────────────────────────────────────────────────────────

TEST_F(ServicesTest, WhoAsksTooGetsTheSameAnswer) {
  offer(first, offer_of("image"));
  const auto call = given(1);
  EXPECT_FALSE(services_.ask_too(client_, CallId{2}, another, "[1]"));
  EXPECT_TRUE(services_.ask_too(client_, CallId{1}, another, "[1]"));
  EXPECT_TRUE(services_.ask_too(client_, CallId{1}, another, "[1]")) << "twice is as once";
  EXPECT_EQ(only(answer(call)).askers, (std::vector{caller, another}));
}

TEST_F(ServicesTest, ADeadlineRevokesTheCallAndSettlesIt) {
  offer(first, offer_of("image"));
  const auto call = given(1);
  const auto effects = give_up(1, caller);
  EXPECT_EQ(revoked_in(effects), (std::vector{std::pair{first, call.id}}));
  EXPECT_EQ(only(effects).reply.status, Status::deadline_exceeded);
  EXPECT_EQ(only(effects).askers, std::vector{caller});
  EXPECT_TRUE(only(effects).over);
  EXPECT_TRUE(give_up(1, caller).settled.empty());
}

TEST_F(ServicesTest, WhatWasGivenUpTakesItsPlaceUntilItsOutcomeComes) {
  offer(first, offer_of("image"));
  const auto call = given(1);
  give_up(1, caller);
  EXPECT_EQ(start(2).error().status, Status::resource_exhausted);
  EXPECT_TRUE(answer(call).settled.empty()) << "nobody wants it any more";
  const auto next = given(2);
  EXPECT_EQ(only(answer(next)).call, CallId{2});
  expect_nothing_left();
}

TEST_F(ServicesTest, ALateOutcomeIsNotThatOfALaterCallOfTheSameId) {
  offer(first, offer_of("image", 2));
  const auto call = given(1);
  give_up(1, caller);
  const auto again = given(1);
  EXPECT_TRUE(answer(call, "late").settled.empty());
  EXPECT_EQ(reply_in(only(answer(again, "new")).reply).answers.at(0).result.bytes, "new");
}

TEST_F(ServicesTest, OfTwoWhoAskTheOneWhoGivesUpIsToldAndTheOtherGetsTheAnswer) {
  offer(first, offer_of("image"));
  const auto call = given(1);
  services_.ask_too(client_, CallId{1}, another, "[1]");
  const auto effects = give_up(1, caller, Status::cancelled);
  EXPECT_TRUE(effects.orders.empty()) << "it goes on";
  EXPECT_EQ(only(effects).askers, std::vector{caller});
  EXPECT_EQ(only(effects).reply.status, Status::cancelled);
  EXPECT_FALSE(only(effects).over);
  EXPECT_EQ(only(answer(call)).askers, std::vector{another});
}

TEST_F(ServicesTest, ACallWhoseCallerIsLostGoesOnForWhoComesBack) {
  offer(first, offer_of("image"));
  const auto call = given(1);
  services_.lost(caller, now_);
  EXPECT_TRUE(services_.ask_too(client_, CallId{1}, another, "[1]"));
  EXPECT_EQ(only(answer(call)).askers, std::vector{another});
  const auto next = given(2);
  services_.lost(caller, now_);
  EXPECT_TRUE(only(answer(next)).askers.empty()) << "for the record";
  expect_nothing_left();
}

// ── all of them ──────────────────────────────────────────────────────────────────────────────────────────────────────

TEST_F(ServicesToAll, AreAskedAndTheLastAnswerSettlesIt) {
  offer(first, offer_of("image"), "bob");
  offer(second, offer_of("image"), "carol");
  const auto calls = invoked_in(start(1, "image.scale", true).value());
  ASSERT_EQ(calls.size(), 2u);
  EXPECT_TRUE(answer(calls[1], "second").settled.empty());
  EXPECT_GT(services_.gathered_bytes(), 0u);
  const auto effects = answer(calls[0], "broken", Status::internal);
  EXPECT_EQ(only(effects).reply.status, Status::ok);
  const auto reply = reply_in(only(effects).reply);
  ASSERT_EQ(reply.answers.size(), 2u);
  EXPECT_EQ(reply.answers[0].provider.str(), "carol");
  EXPECT_EQ(reply.answers[0].result.bytes, "second");
  EXPECT_EQ(reply.answers[1].status, Status::internal);
  expect_nothing_left();
}

TEST_F(ServicesToAll, WhoIsBusyOrLostHasAnAnswerThatSaysSo) {
  offer(first, offer_of("image"), "bob");
  const auto busy = given(1);
  offer(second, offer_of("image"), "carol");
  offer(third, offer_of("image"), "dave");
  const auto calls = invoked_in(start(2, "image.scale", true).value());
  ASSERT_EQ(calls.size(), 2u);
  EXPECT_TRUE(services_.lost(second, now_).settled.empty());
  const auto effects = answer(calls[1]);
  const auto reply = reply_in(only(effects).reply);
  ASSERT_EQ(reply.answers.size(), 3u);
  EXPECT_EQ(reply.answers[0].status, Status::resource_exhausted);
  EXPECT_EQ(reply.answers[1].status, Status::unknown);
  EXPECT_EQ(reply.answers[2].status, Status::ok);
  EXPECT_EQ(only(answer(busy)).call, CallId{1});
  expect_nothing_left();
}

TEST_F(ServicesToAll, AreNotAskedWhereEachIsBusy) {
  offer(first, offer_of("image"));
  given(1);
  EXPECT_EQ(start(2, "image.scale", true).error().status, Status::resource_exhausted);
}

TEST_F(ServicesToAll, ADeadlineGivesTheAnswersThatHaveCome) {
  offer(first, offer_of("image"));
  offer(second, offer_of("image"));
  const auto calls = invoked_in(start(1, "image.scale", true).value());
  answer(calls[0], "in time");
  const auto effects = give_up(1, caller);
  EXPECT_EQ(revoked_in(effects), (std::vector{std::pair{calls[1].provider, calls[1].id}}));
  EXPECT_EQ(only(effects).reply.status, Status::ok);
  const auto reply = reply_in(only(effects).reply);
  ASSERT_EQ(reply.answers.size(), 2u);
  EXPECT_EQ(reply.answers[0].result.bytes, "in time");
  EXPECT_EQ(reply.answers[1].status, Status::deadline_exceeded);
  EXPECT_TRUE(answer(calls[1]).settled.empty());
  expect_nothing_left();
}

TEST_F(ServicesToAll, ADeadlineByWhichNobodyHasAnsweredAndACancelAreWhatTheyAre) {
  offer(first, offer_of("image", 2));
  offer(second, offer_of("image", 2));
  const auto calls = invoked_in(start(1, "image.scale", true).value());
  answer(calls[0], "broken", Status::internal);
  EXPECT_EQ(only(give_up(1, caller)).reply.status, Status::deadline_exceeded);
  answer(invoked_in(start(2, "image.scale", true).value()).at(0));
  EXPECT_EQ(only(give_up(2, caller, Status::cancelled)).reply.status, Status::cancelled);
  EXPECT_EQ(services_.gathered_bytes(), 0u);
}

TEST(ServicesToMany, AnswersThatTogetherAreTooLargeAreReplacedAndTheReplyFitsIntoAFrame) {
  constexpr std::uint32_t providers = 4096;
  Services services({64, providers, 64, 64 << 20});
  auto offer = offer_of("image");
  offer.host = Topic::literal(std::string(limits::topic_bytes_max, 'h'));
  const auto name = PersonName::literal(std::string(limits::person_name_bytes_max, 'n'));
  for (std::uint32_t session = 1; session <= providers; ++session)
    ASSERT_TRUE(services.offer({0, session, 1}, name, offer, {}));
  const auto effects =
      services.call({caller, name, false, {}, CallId{1}, 0}, MethodName::literal("image.scale"), {true, {}, {""}}, {});
  const auto calls = invoked_in(effects.value());
  ASSERT_EQ(calls.size(), providers);
  Services::Effects last;
  for (const auto& call : calls)
    last = services.outcome(call.provider, {call.id, Status::ok, {std::string(400'000, 'x')}}, {});
  ASSERT_EQ(last.settled.size(), 1u);
  EXPECT_LE(last.settled[0].reply.result.size(), limits::frame_bytes_max - 64);
  const auto reply = reply_in(last.settled[0].reply);
  ASSERT_EQ(reply.answers.size(), providers);
  EXPECT_EQ(reply.answers[0].status, Status::ok);
  EXPECT_EQ(reply.answers[1].status, Status::out_of_range);
}

TEST_F(ServicesToAll, AnswersThatWaitForOthersAreBoundedTogether) {
  offer(first, offer_of("image", 8));
  offer(second, offer_of("image", 8));
  const auto one = invoked_in(start(1, "image.scale", true).value());
  const auto two = invoked_in(start(2, "image.scale", true).value());
  answer(one[0], std::string(3000, 'x'));
  answer(two[0], std::string(3000, 'x'));
  EXPECT_LE(services_.gathered_bytes(), 4096u);
  const auto three = invoked_in(start(3, "image.scale", true).value());
  answer(three[0], std::string(700, 'x'));
  EXPECT_EQ(start(4, "image.scale", true).error().status, Status::resource_exhausted);
  EXPECT_EQ(reply_in(only(answer(one[1])).reply).answers.at(0).status, Status::ok);
  EXPECT_EQ(reply_in(only(answer(two[1])).reply).answers.at(0).status, Status::resource_exhausted);
  EXPECT_TRUE(start(4, "image.scale", true)) << "there is room again";
}

}  // namespace
}  // namespace hubbub::server
