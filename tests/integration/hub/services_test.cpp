// Services: programs answer calls of each other, through a real hub.
#include <gtest/gtest.h>

#include <atomic>
#include <map>
#include <thread>

#include "tests/integration/hub/a_service.hpp"
#include "tests/support/dice.hpp"
#include "tests/support/hub_process.hpp"

namespace hubbub::test {
namespace {

using Clock = std::chrono::steady_clock;
/// What comes "at once" comes sooner than this, on a busy machine too.
constexpr std::chrono::seconds at_once_s(5);

class Services : public testing::TestWithParam<const char*> {
 protected:
  Services() : bob_(hub_.url()), carol_(hub_.url()), alice_(hub_.url()) {
    bob_.greet("bob");
    carol_.greet("carol");
    alice_.greet(me_);
  }
  static void offer(WireClient& client, std::uint32_t at_once = 1) {
    ASSERT_TRUE(client.call(offer_of("image", at_once)));
  }
  static void answer(WireClient& provider, const proto::Invoke& call, std::string_view result = "done",
                     Status status = Status::ok) {
    provider.send(proto::Outcome{call.id, status, {result}});
  }
  static void expect_no_reply(WireClient& client) {
    meet_the_directory(client);
    EXPECT_FALSE(client.find<proto::Reply>());
  }

  HubProcess hub_{{"--cores", GetParam()}};
  Greeting me_{"alice", random_id<ClientId>(), random_id<OwnerKey>()};
  WireClient bob_, carol_, alice_;
};
INSTANTIATE_TEST_SUITE_P(Cores, Services, testing::Values("1", "3"));

TEST_P(Services, ACallGoesToItsProviderAndItsAnswerComesBack) {
  offer(bob_);
  ask(alice_, {1000, "image.scale", "[640]", 60'000});
  const auto call = bob_.expect<proto::Invoke>();
  EXPECT_EQ(call.method.str(), "image.scale");
  EXPECT_EQ(call.arguments.bytes, "[640]");
  EXPECT_EQ(call.from.str(), "alice");
  EXPECT_EQ(call.call, CallId{1000});
  EXPECT_GT(call.deadline_ms, 0u);
  EXPECT_LE(call.deadline_ms, 60'000u);
  answer(bob_, call, "small");
  const auto reply = alice_.expect<proto::Reply>();
  EXPECT_EQ(reply.id, CallId{1000});
  const auto result = reply_in(reply);
  EXPECT_FALSE(result.replayed);
  ASSERT_EQ(result.answers.size(), 1u);
  EXPECT_EQ(result.answers[0].provider.str(), "bob");
  EXPECT_EQ(result.answers[0].result.bytes, "small");
  const auto listed = alice_.call(proto::ServiceList{})->providers;
  ASSERT_EQ(listed.size(), 1u);
  EXPECT_EQ(listed[0].calls, 1u);
  EXPECT_EQ(listed[0].running, 0u);
}

TEST_P(Services, WhatNobodyCanDoIsSaidAtOnce) {
  ask(alice_, {1000});
  EXPECT_EQ(alice_.expect<proto::Reply>().status, Status::unavailable);
  offer(bob_);
  ask(alice_, {1001, "image.paint"});
  EXPECT_EQ(alice_.expect<proto::Reply>().status, Status::unimplemented);
  ask(alice_, {1002});
  bob_.expect<proto::Invoke>();
  ask(alice_, {1003});
  EXPECT_EQ(alice_.expect<proto::Reply>().status, Status::resource_exhausted);
}

TEST_P(Services, ADeadlineReachesTheProviderAndAnswersTheCallerInTime) {
  offer(bob_);
  const auto asked = Clock::now();
  ask(alice_, {1000, "image.scale", "[1]", 200});
  const auto call = bob_.expect<proto::Invoke>();
  EXPECT_EQ(alice_.expect<proto::Reply>().status, Status::deadline_exceeded);
  const auto took = Clock::now() - asked;
  EXPECT_GE(took, Milliseconds(200));
  EXPECT_LT(took, at_once_s);
  EXPECT_EQ(bob_.expect<proto::Revoke>().id, call.id);
  ask(alice_, {1001});
  EXPECT_EQ(alice_.expect<proto::Reply>().status, Status::resource_exhausted) << "it still runs there";
  answer(bob_, call, "late");
  meet_the_directory(bob_);
  ask(alice_, {1002});
  answer(bob_, bob_.expect<proto::Invoke>());
  EXPECT_EQ(alice_.expect<proto::Reply>().id, CallId{1002}) << "and not the late one";
  expect_no_reply(alice_);
}

TEST_P(Services, ACancelReachesTheProviderAndAnswersTheCaller) {
  offer(bob_);
  ask(alice_, {1000});
  const auto call = bob_.expect<proto::Invoke>();
  alice_.send(proto::Cancel{CallId{1000}});
  EXPECT_EQ(alice_.expect<proto::Reply>().status, Status::cancelled);
  EXPECT_EQ(bob_.expect<proto::Revoke>().id, call.id);
  answer(bob_, call);
  meet_the_directory(bob_);
  expect_no_reply(alice_);
}

TEST_P(Services, AProviderThatIsCutOffInMidCallIsToldToTheCallerAtOnce) {
  for (const auto& [method, status] :
       {std::pair("image.scale", Status::unknown), {"image.look", Status::unavailable}}) {
    WireClient dave(hub_.url());
    dave.greet("dave");
    offer(dave);
    ask(alice_, {status == Status::unknown ? 1000u : 1001u, method});
    dave.expect<proto::Invoke>();
    const auto cut = Clock::now();
    dave.reset();
    const auto reply = alice_.expect<proto::Reply>();
    EXPECT_EQ(reply.status, status) << reply.result.bytes;
    EXPECT_LT(Clock::now() - cut, at_once_s);
  }
  expect_no_reply(alice_);
}

TEST_P(Services, ALostCallThatMayBeRepeatedIsRunByAnotherProvider) {
  offer(bob_);
  ask(alice_, {1000, "image.look", "[7]"});
  const auto first = bob_.expect<proto::Invoke>();
  offer(carol_);
  bob_.reset();
  const auto second = carol_.expect<proto::Invoke>();
  EXPECT_EQ(second.attempt, 2u);
  EXPECT_EQ(second.arguments.bytes, "[7]");
  EXPECT_EQ(second.client, first.client);
  EXPECT_EQ(second.call, first.call);
  answer(carol_, second);
  EXPECT_EQ(reply_in(alice_.expect<proto::Reply>()).attempts, 2u);
}

TEST_P(Services, AllAreAskedAndTheAnswersGathered) {
  offer(bob_);
  offer(carol_);
  WireClient dave(hub_.url());
  dave.greet("dave");
  offer(dave);
  ask(alice_, {1000, "image.scale", "[1]", 2000, true});
  answer(bob_, bob_.expect<proto::Invoke>(), "bob's");
  carol_.expect<proto::Invoke>();
  dave.expect<proto::Invoke>();
  meet_the_directory(bob_);
  dave.reset();
  std::map<std::string, proto::ServiceAnswer> answers;
  for (const auto& one : reply_in(alice_.expect<proto::Reply>()).answers) answers[one.provider.str()] = one;
  EXPECT_EQ(answers.size(), 3u);
  EXPECT_EQ(answers["bob"].result.bytes, "bob's");
  EXPECT_EQ(answers["carol"].status, Status::deadline_exceeded);
  EXPECT_EQ(answers["dave"].status, Status::unknown);
  carol_.expect<proto::Revoke>();
}

TEST_P(Services, ACallerThatComesBackUnderItsClientIdGetsTheAnswer) {
  offer(bob_);
  ask(alice_, {1000});
  const auto call = bob_.expect<proto::Invoke>();
  alice_.reset();
  WireClient again(hub_.url());
  again.greet(me_);
  ask(again, {1000});
  meet_the_directory(again);
  answer(bob_, call, "for whom it is");
  EXPECT_EQ(reply_in(again.expect<proto::Reply>()).answers.at(0).result.bytes, "for whom it is");
  again.reset();
  WireClient once_more(hub_.url());
  once_more.greet(me_);
  ask(once_more, {1000});
  const auto replayed = reply_in(once_more.expect<proto::Reply>());
  EXPECT_TRUE(replayed.replayed);
  EXPECT_EQ(replayed.answers.at(0).result.bytes, "for whom it is");
  ask(once_more, {1000, "image.scale", "[2]"});
  EXPECT_EQ(once_more.expect<proto::Reply>().status, Status::already_exists);
  meet_the_directory(bob_);
  EXPECT_FALSE(bob_.find<proto::Invoke>()) << "it ran once";
}

TEST_P(Services, ACallThatIsAnsweredBeforeItsCallerIsBackIsKeptForIt) {
  offer(bob_);
  ask(alice_, {1000});
  const auto call = bob_.expect<proto::Invoke>();
  alice_.reset();
  wait_until("the hub knows that the caller has gone", [&] { return carol_.call(proto::HubInfo{})->sessions == 2; });
  answer(bob_, call, "kept");
  meet_the_directory(bob_);
  WireClient again(hub_.url());
  again.greet(me_);
  ask(again, {1000});
  EXPECT_TRUE(reply_in(again.expect<proto::Reply>()).replayed);
}

TEST_P(Services, TheRecordIsNotThatOfTheNextLifeOfTheHub) {
  offer(bob_);
  ask(alice_, {1000});
  answer(bob_, bob_.expect<proto::Invoke>());
  EXPECT_FALSE(reply_in(alice_.expect<proto::Reply>()).replayed);
  EXPECT_EQ(hub_.stop(), 0);
  hub_.start_again();
  WireClient dave(hub_.url()), again(hub_.url());
  dave.greet("dave");
  again.greet(me_);
  offer(dave);
  ask(again, {1000});
  answer(dave, dave.expect<proto::Invoke>(), "anew");
  EXPECT_FALSE(reply_in(again.expect<proto::Reply>()).replayed);
}

// ── providers that come and go ───────────────────────────────────────────────────────────────────────────────────────

constexpr std::uint32_t churn_deadline_ms = 500;
constexpr Milliseconds churn_patience{churn_deadline_ms + 5000};

/// Offers, answers some calls, keeps silent about some, and goes: in good order, or in mid-call.
void live_as_a_provider(const std::string& url, const Greeting& who, Dice& dice, const std::stop_token& over) {
  WireClient client(url);
  client.greet(who);
  ASSERT_TRUE(client.call(offer_of("image", static_cast<std::uint32_t>(dice.between(1, 30)))));
  for (auto calls = dice.between(1, 80); calls > 0 && !over.stop_requested();) {
    const auto frame = frame_soon(client);
    if (!frame || frame->type != proto::Invoke::type) continue;
    const auto call = proto::decode_value<proto::Invoke>(frame->payload).value();
    --calls;
    if (!dice.one_in(40)) client.send(proto::Outcome{call.id, Status::ok, {call.arguments.bytes}});
  }
  if (dice.one_in(2)) return client.reset();
  client.send(proto::Goodbye{});
  client.expect_end();
}

/// Each of 25 sessions has one call under way, again and again.
std::size_t ask_again_and_again(const std::string& url, Dice dice) {
  constexpr std::uint64_t rounds = 10;
  std::vector<WireClient> clients;
  for (int i = 0; i < 25; ++i) {
    clients.emplace_back(url);
    clients.back().greet("");
  }
  std::size_t done = 0;
  for (std::uint64_t round = 0; round < rounds; ++round) {
    std::vector<std::string> arguments;
    for (auto& client : clients) {
      arguments.push_back("call " + std::to_string(dice.bits()));
      ask(client, {1000 + round, dice.one_in(2) ? "image.look" : "image.scale", arguments.back(), churn_deadline_ms,
                   dice.one_in(8)});
    }
    const Deadline deadline(churn_patience);
    for (std::size_t i = 0; i < clients.size(); ++i) {
      const auto reply = clients[i].expect<proto::Reply>(deadline);
      EXPECT_EQ(reply.id.value, 1000 + round);
      if (reply.status == Status::ok) {
        for (const auto& answer : reply_in(reply).answers)
          EXPECT_TRUE(answer.status != Status::ok || answer.result.bytes == arguments[i]);
        ++done;
      } else {
        EXPECT_TRUE(reply.status == Status::unavailable || reply.status == Status::unknown ||
                    reply.status == Status::resource_exhausted || reply.status == Status::deadline_exceeded)
            << reply.result.bytes;
      }
    }
  }
  for (auto& client : clients) {
    meet_the_directory(client);
    EXPECT_FALSE(client.find<proto::Reply>()) << "a call was answered twice";
  }
  return done;
}

TEST_P(Services, WhileProvidersComeAndGoEachCallIsAnsweredOnceAndInTime) {
  std::atomic<std::size_t> done = 0;
  std::vector<std::jthread> providers, callers;
  for (std::uint64_t i = 0; i < 16; ++i) {
    providers.push_back(run_beside([&, i](const std::stop_token& over) {
      Dice dice(i);
      const Greeting who{"provider" + std::to_string(i), {}, random_id<OwnerKey>()};
      while (!over.stop_requested()) live_as_a_provider(hub_.url(), who, dice, over);
    }));
  }
  for (std::uint64_t i = 0; i < 8; ++i)
    callers.push_back(
        run_beside([&, i](const std::stop_token&) { done += ask_again_and_again(hub_.url(), Dice(100 + i)); }));
  callers.clear();
  providers.clear();
  EXPECT_GT(done, 200u) << "of 2000 calls";
  wait_until("nothing is offered any more", [&] { return alice_.call(proto::ServiceList{})->providers.empty(); });
}

}  // namespace
}  // namespace hubbub::test
