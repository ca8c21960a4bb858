// Providers and callers that do what they shouldn't: the hub serves on, and what they make it hold is bounded.
#include <gtest/gtest.h>

#include "tests/integration/hub/a_service.hpp"
#include "tests/support/hub_process.hpp"
#include "tests/support/memory_bound.hpp"

namespace hubbub::test {
namespace {

constexpr std::size_t MiB = 1 << 20;
/// What a session is given at a time, whatever it says (server/limits.hpp).
constexpr std::uint64_t running_max = 4096;

class HostileServices : public testing::TestWithParam<const char*> {
 protected:
  HostileServices() : bob_(hub_.url()), alice_(hub_.url()) {
    bob_.greet("bob");
    alice_.greet("alice");
  }
  std::size_t memory_peak() const {
    const auto status = read_file("/proc/" + std::to_string(hub_.pid()) + "/status");
    return std::stoul(status.substr(status.find("VmHWM:") + 6)) * 1024;
  }
  void expect_served() {
    WireClient carol(hub_.url()), dave(hub_.url());
    carol.greet("");
    dave.greet("");
    ASSERT_TRUE(carol.call(offer_of("sound")));
    ask(dave, {1000, "sound.scale"});
    const auto call = carol.expect<proto::Invoke>();
    carol.send(proto::Outcome{call.id, Status::ok, {"done"}});
    EXPECT_EQ(reply_in(dave.expect<proto::Reply>()).answers.at(0).result.bytes, "done");
  }

  // AddressSanitizer would keep what the hub has given up, and these tests ask how much it keeps.
  HubProcess hub_{HubOptions{{"--cores", GetParam()}, {}, {"ASAN_OPTIONS=quarantine_size_mb=1"}}};
  WireClient bob_, alice_;
};
INSTANTIATE_TEST_SUITE_P(Cores, HostileServices, testing::Values("1", "3"));

TEST_P(HostileServices, OutcomesThatAreNotOwedAreDropped) {
  ASSERT_TRUE(bob_.call(offer_of("image")));
  ask(alice_, {1000});
  const auto call = bob_.expect<proto::Invoke>();
  const auto before = memory_peak();
  WireClient eve(hub_.url());
  eve.greet("eve");
  const std::string large(MiB - 100, 'x');
  for (std::uint64_t id = 0; id < 300; ++id) eve.send(proto::Outcome{InvocationId{id}, Status::ok, {large}});
  eve.barrier();
  meet_the_directory(alice_);
  EXPECT_FALSE(alice_.find<proto::Reply>()) << "the call is bob's to answer";
  EXPECT_TRUE(is_below(memory_peak(), before + 64 * MiB)) << "300 MB were sent";
  bob_.send(proto::Outcome{call.id, Status::ok, {"bob's"}});
  bob_.send(proto::Outcome{call.id, Status::ok, {"again"}});
  EXPECT_EQ(reply_in(alice_.expect<proto::Reply>()).answers.at(0).result.bytes, "bob's");
  meet_the_directory(bob_);
  meet_the_directory(alice_);
  EXPECT_FALSE(alice_.find<proto::Reply>());
}

TEST_P(HostileServices, LongResultsThatTheCallerDoesNotReadAreBounded) {
  constexpr std::uint64_t calls = 400;
  ASSERT_TRUE(bob_.call(offer_of("image", calls)));
  WireClient slow(hub_.url(), 16384);
  slow.greet("slow");
  const auto before = memory_peak();
  std::string frames;
  for (std::uint64_t id = 0; id < calls; ++id) frames += frame_of({1000 + id});
  slow.send_bytes(frames);
  const std::string large(1'000'000, 'x');
  for (std::uint64_t id = 0; id < calls; ++id) {
    const auto call = bob_.expect<proto::Invoke>();
    bob_.send(proto::Outcome{call.id, Status::ok, {large}});
  }
  meet_the_directory(bob_);
  EXPECT_TRUE(is_below(memory_peak(), before + 192 * MiB))
      << "400 MB were answered; 64 MiB are recorded, 16 MiB wait to be read";
  std::size_t whole = 0;
  for (std::uint64_t id = 0; id < calls; ++id) {
    const auto reply = slow.expect<proto::Reply>();
    EXPECT_TRUE(reply.status == Status::ok || reply.status == Status::unknown) << reply.result.bytes;
    whole += reply.status == Status::ok ? 1 : 0;
  }
  EXPECT_GE(whole, 10u);
  meet_the_directory(slow);
  EXPECT_FALSE(slow.find<proto::Reply>());
}

TEST_P(HostileServices, AProviderThatTakesBillionsAtOnceAndNeverAnswersIsGivenABoundedNumber) {
  ASSERT_TRUE(bob_.call(offer_of("image", 4'000'000'000)));
  const auto before = hub_.memory_bytes();
  constexpr std::uint64_t calls = 10'000;
  std::string frames;
  for (std::uint64_t id = 1000; id < 1000 + calls; ++id)
    frames += frame_of({id}) + proto::encoded(proto::Cancel{CallId{id}});
  alice_.send_bytes(frames);
  for (std::uint64_t i = 0; i < calls; ++i) EXPECT_EQ(alice_.expect<proto::Reply>().status, Status::cancelled);
  meet_the_directory(alice_);
  EXPECT_EQ(alice_.call(proto::ServiceList{})->providers.at(0).running, running_max);
  ask(alice_, {1});
  EXPECT_EQ(alice_.expect<proto::Reply>().status, Status::resource_exhausted);
  EXPECT_TRUE(is_below(hub_.memory_bytes(), before + 32 * MiB));
  for (std::uint64_t i = 0; i < running_max; ++i) bob_.expect<proto::Invoke>();
  meet_the_directory(bob_);
  EXPECT_FALSE(bob_.find<proto::Invoke>());
  bob_.reset();
  expect_served();
}

TEST_P(HostileServices, WhoComesAndGoesDoesNotGetMoreUnderWayThanTheProviderTakes) {
  ASSERT_TRUE(bob_.call(offer_of("image", 4'000'000'000)));
  const auto before = hub_.memory_bytes();
  const std::string large(1'000'000, 'a');
  for (int round = 0; round < 60; ++round) {
    WireClient eve(hub_.url());
    eve.greet("");
    for (std::uint64_t id = 1000; id < 1003; ++id) ask(eve, {id, "image.look", large});
    for (int i = 0; i < 3; ++i) bob_.expect<proto::Invoke>();
    eve.reset();
  }
  wait_until("the hub knows that all have gone", [&] { return alice_.call(proto::HubInfo{})->sessions == 2; });
  EXPECT_TRUE(is_below(hub_.memory_bytes(), before + 64 * MiB))
      << "nobody waits for these 180 calls of a megabyte each";
  EXPECT_EQ(alice_.call(proto::ServiceList{})->providers.at(0).running, 180u);
}

TEST_P(HostileServices, ACallerHasNoMoreUnderWayThanItMay) {
  ASSERT_TRUE(bob_.call(offer_of("image", 4'000'000'000)));
  std::string frames;
  for (std::uint64_t id = 1000; id < 1000 + 1025; ++id) frames += frame_of({id});
  alice_.send_bytes(frames);
  const auto reply = alice_.expect<proto::Reply>();
  EXPECT_EQ(reply.status, Status::resource_exhausted);
  EXPECT_EQ(reply.id, CallId{1000 + 1024});
}

TEST_P(HostileServices, AProviderThatDoesNotReadIsGivenNoMoreAndItsCallersAreToldAtOnce) {
  WireClient deaf(hub_.url(), 16384);
  deaf.greet("deaf");
  ASSERT_TRUE(deaf.call(offer_of("image", 1000)));
  const auto before = memory_peak();
  const std::string large(500'000, 'a');
  std::vector<WireClient> callers;
  for (int i = 0; i < 20; ++i) {
    callers.emplace_back(hub_.url());
    callers.back().greet("");
    for (std::uint64_t id = 1000; id < 1006; ++id) ask(callers.back(), {id, "image.scale", large});
    meet_the_directory(callers.back());
  }
  wait_until("most are refused", [&] { return alice_.call(proto::ServiceList{})->providers.at(0).running < 60; });
  EXPECT_TRUE(is_below(memory_peak(), before + 128 * MiB)) << "60 MB of arguments were sent";
  auto reads_again = run_beside([&](const std::stop_token& over) {
    while (!over.stop_requested()) {
      const auto frame = frame_soon(deaf);
      if (!frame || frame->type != proto::Invoke::type) continue;
      const auto call = proto::decode_value<proto::Invoke>(frame->payload).value();
      deaf.send(proto::Outcome{call.id, Status::ok, {"heard"}});
    }
  });
  std::size_t refused = 0;
  for (auto& caller : callers) {
    for (int i = 0; i < 6; ++i) {
      const auto reply = caller.expect<proto::Reply>();
      EXPECT_TRUE(reply.status == Status::ok || reply.status == Status::resource_exhausted) << reply.result.bytes;
      refused += reply.status == Status::ok ? 0 : 1;
    }
  }
  reads_again = {};
  EXPECT_GT(refused, 60u);
  meet_the_directory(deaf);
  ask(alice_, {1000});
  const auto call = deaf.expect<proto::Invoke>();
  EXPECT_EQ(call.arguments.bytes, "[1]") << "it reads again, and is given calls again";
}

TEST_P(HostileServices, ThousandsOfOffersAreRefusedByNameAndTheSessionStays) {
  std::size_t taken = 0;
  for (int i = 0; i < 5000; ++i) {
    const auto offered = bob_.call(offer_of("service-" + std::to_string(i)));
    if (offered)
      ++taken;
    else
      EXPECT_EQ(offered.error().status, Status::resource_exhausted);
  }
  EXPECT_EQ(taken, 64u);
  EXPECT_EQ(alice_.call(proto::ServiceList{})->providers.size(), 64u);
  ASSERT_TRUE(bob_.call(proto::ServiceWithdraw{MethodName::literal("service-0")}));
  EXPECT_TRUE(bob_.call(offer_of("image")));
  bob_.reset();
  wait_until("its offers are gone", [&] { return alice_.call(proto::ServiceList{})->providers.empty(); });
}

TEST_P(HostileServices, AMalformedOutcomeEndsTheProviderAndSettlesItsCalls) {
  ASSERT_TRUE(bob_.call(offer_of("image")));
  ask(alice_, {1000});
  bob_.expect<proto::Invoke>();
  bob_.send_frame(proto::Outcome::type, "short");
  EXPECT_EQ(bob_.expect_closing().reason, proto::CloseReason::malformed);
  EXPECT_EQ(alice_.expect<proto::Reply>().status, Status::unknown);
  expect_served();
}

TEST_P(HostileServices, WhatOnlyAHubMaySayEndsTheSession) {
  proto::Invoke invoke;
  invoke.method = MethodName::literal("image.scale");
  invoke.from = PersonName::literal("eve");
  bob_.send(invoke);
  EXPECT_EQ(bob_.expect_closing().reason, proto::CloseReason::wrong_side);
  alice_.send(proto::Revoke{InvocationId{1}});
  EXPECT_EQ(alice_.expect_closing().reason, proto::CloseReason::wrong_side);
}

TEST_P(HostileServices, EnvelopesAndOffersThatMakeNoSenseAreRefused) {
  ASSERT_TRUE(bob_.call(offer_of("image")));
  for (const std::string_view around : {"", "\x02", "\xff\xff\xff"}) {
    alice_.send(proto::Call{CallId{1000}, 0, MethodName::literal("image.scale"), {around}});
    EXPECT_EQ(alice_.expect<proto::Reply>().status, Status::invalid_argument);
    alice_.send(proto::Call{CallId{1000}, 0, MethodName::literal("service.offer"), {around}});
    EXPECT_EQ(alice_.expect<proto::Reply>().status, Status::invalid_argument);
  }
  EXPECT_EQ(alice_.call(offer_of("sound", 0)).error().status, Status::invalid_argument);
  EXPECT_EQ(alice_.call(offer_of("room")).error().status, Status::already_exists);
  auto wordy = offer_of("sound");
  wordy.methods.resize(4096, {GroupName::literal("a-method-with-a-long-name"), {}, false});
  EXPECT_EQ(alice_.call(wordy).error().status, Status::invalid_argument);
  expect_served();
}

TEST_P(HostileServices, ASentenceThatIsNoTextDoesNotReachTheCaller) {
  ASSERT_TRUE(bob_.call(offer_of("image")));
  ask(alice_, {1000});
  const auto call = bob_.expect<proto::Invoke>();
  bob_.send(proto::Outcome{call.id, static_cast<Status>(200), {"\xff\xfe"}});
  const auto reply = alice_.expect<proto::Reply>();
  EXPECT_NE(reply.status, Status::ok);
  EXPECT_TRUE(is_utf8(reply.result.bytes));
}

}  // namespace
}  // namespace hubbub::test
