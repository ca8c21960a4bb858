// Whatever order offers, calls, outcomes and losses come in: a model beside the real thing, and what must hold always.
#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <set>

#include "tests/support/dice.hpp"
#include "tests/unit/server/a_provider.hpp"

namespace hubbub::server {
namespace {

constexpr std::uint32_t providers = 5, callers = 4;
constexpr std::size_t per_session = 6;

class Model {
 public:
  explicit Model(std::uint64_t seed) : dice_(seed) {}

  void step() {
    now_.ns += dice_.below(2'000'000);
    switch (dice_.below(10)) {
      case 0: return offer();
      case 1: return dice_.one_in(2) ? withdraw() : lose_provider();
      case 2: return dice_.one_in(3) ? lose_caller() : give_up();
      case 3: return ask_too();
      case 4: return answer_what_is_not_owed();
      case 5:
      case 6:
      case 7: return answer();
      default: return call();
    }
  }
  /// Everything ends: each provider answers or goes.
  void end() {
    for (int step = 0; !running_.empty(); ++step) step % 5 == 0 ? lose_provider() : answer();
    EXPECT_TRUE(calls_.empty()) << calls_.size() << " were never settled";
    EXPECT_EQ(services_.under_way(), 0u);
    EXPECT_EQ(services_.running(), 0u);
    EXPECT_EQ(services_.gathered_bytes(), 0u);
    EXPECT_EQ(services_.offers(), offers_.size());
  }
  [[nodiscard]] std::size_t settled() const { return settled_; }
  [[nodiscard]] std::size_t handed_on() const { return handed_on_; }

 private:
  struct Offer {
    std::uint64_t number;
    std::uint32_t at_once;
  };
  struct Running {
    SessionRef provider;
    std::uint64_t offer;
    bool revoked = false;
  };
  struct Call {
    std::set<SessionRef> askers;
    bool all = false, repeatable = false;
    std::multiset<SessionRef> given;
  };

  static ClientId client() { return {}; }
  SessionRef a_provider() { return {0, static_cast<std::uint32_t>(1 + dice_.below(providers)), 1}; }
  SessionRef a_caller() { return {1, static_cast<std::uint32_t>(101 + dice_.below(callers)), 1}; }
  /// The id of a call that is under way, mostly.
  std::uint64_t an_id() { return last_id_ == 0 ? 1 : last_id_ - dice_.below(std::min<std::uint64_t>(last_id_, 12)); }

  void offer() {
    const auto session = a_provider();
    const auto at_once = static_cast<std::uint32_t>(dice_.one_in(4) ? 4'000'000'000 : dice_.between(1, 3));
    ASSERT_TRUE(services_.offer(session, PersonName::literal("bob"), offer_of("image", at_once), now_));
    const auto [at, added] = offers_.try_emplace(session, Offer{offer_count_ + 1, at_once});
    offer_count_ += added ? 1 : 0;
    at->second.at_once = at_once;
  }
  void withdraw() {
    const auto session = a_provider();
    EXPECT_EQ(services_.withdraw(session, MethodName::literal("image")).has_value(), offers_.erase(session) == 1);
  }
  void lose_provider() {
    const auto session = a_provider();
    offers_.erase(session);
    std::erase_if(running_, [&](const auto& one) { return one.second.provider == session; });
    take(services_.lost(session, now_));
  }
  void lose_caller() {
    const auto session = a_caller();
    for (auto& [id, call] : calls_) call.askers.erase(session);
    take(services_.lost(session, now_));
  }
  void call() {
    const auto session = a_caller();
    const auto id = dice_.one_in(4) ? an_id() : last_id_ + 1;
    if (calls_.contains(id)) return;
    const bool all = dice_.one_in(4), repeatable = dice_.one_in(2);
    const auto method = MethodName::literal(repeatable ? "image.look" : "image.scale");
    const std::string arguments(dice_.below(40), 'a');
    auto effects = services_.call({session, PersonName::literal("alice"), false, client(), CallId{id}, 0}, method,
                                  {all, {}, {arguments}}, now_);
    if (!effects) {
      const auto status = effects.error().status;
      EXPECT_TRUE(status == Status::resource_exhausted || (status == Status::unavailable && offers_.empty()));
      return;
    }
    last_id_ = std::max(last_id_, id);
    calls_[id] = {{session}, all, repeatable && !all, {}};
    take(*effects);
  }
  void ask_too() {
    const auto id = an_id();
    const auto session = a_caller();
    const auto known = calls_.find(id);
    EXPECT_EQ(services_.ask_too(client(), CallId{id}, session, "a"), known != calls_.end());
    if (known != calls_.end()) known->second.askers.insert(session);
  }
  void give_up() {
    const auto status = dice_.one_in(2) ? Status::cancelled : Status::deadline_exceeded;
    take(services_.give_up(client(), CallId{an_id()}, a_caller(), {status, "no more"}));
  }
  void answer() {
    if (running_.empty()) return;
    auto at = running_.begin();
    std::advance(at, static_cast<std::ptrdiff_t>(dice_.below(running_.size())));
    const auto [id, running] = *at;
    running_.erase(at);
    const auto status = dice_.one_in(3) ? Status::internal : Status::ok;
    take(services_.outcome(running.provider, {id, status, {std::string(dice_.below(300), 'r')}}, now_));
  }
  void answer_what_is_not_owed() {
    const InvocationId id{dice_.below(last_invocation_ + 5)};
    const auto session = a_provider();
    const auto owed = running_.find(id);
    if (owed != running_.end() && owed->second.provider == session) return;
    const auto effects = services_.outcome(session, {id, Status::ok, {"mine"}}, now_);
    EXPECT_TRUE(effects.orders.empty() && effects.settled.empty());
  }

  void take(const Services::Effects& effects) {
    for (const auto& invoke : invoked_in(effects)) take(invoke);
    for (const auto& [session, id] : revoked_in(effects)) {
      ASSERT_TRUE(running_.contains(id)) << "revoked though it doesn't run";
      EXPECT_EQ(running_.at(id).provider, session);
      EXPECT_FALSE(std::exchange(running_.at(id).revoked, true));
    }
    for (const auto& settled : effects.settled) take(settled);
    EXPECT_EQ(services_.under_way(), calls_.size());
    EXPECT_EQ(services_.running(), running_.size());
  }
  void take(const Invoked& invoke) {
    EXPECT_GT(invoke.id.value, last_invocation_);
    last_invocation_ = invoke.id.value;
    ASSERT_TRUE(offers_.contains(invoke.provider)) << "given to one who doesn't offer it";
    const auto& offer = offers_.at(invoke.provider);
    auto& call = calls_.at(invoke.call.value);
    call.given.insert(invoke.provider);
    handed_on_ += invoke.attempt > 1 ? 1 : 0;
    if (call.all)
      EXPECT_EQ(call.given.count(invoke.provider), 1u);
    else
      EXPECT_LE(call.given.size(), call.repeatable ? 3u : 1u);
    EXPECT_EQ(invoke.attempt, call.all ? 1u : call.given.size());
    running_[invoke.id] = {invoke.provider, offer.number, false};
    const auto of = [&](auto what) {
      return static_cast<std::size_t>(
          std::ranges::count_if(running_, [&](const auto& one) { return what(one.second); }));
    };
    EXPECT_LE(of([&](const Running& one) { return one.offer == offer.number; }), offer.at_once);
    EXPECT_LE(of([&](const Running& one) { return one.provider == invoke.provider; }), per_session);
  }
  void take(const Services::Settled& settled) {
    const auto call = calls_.find(settled.call.value);
    ASSERT_NE(call, calls_.end()) << "settled twice, or never asked";
    const std::set<SessionRef> askers(settled.askers.begin(), settled.askers.end());
    EXPECT_EQ(askers.size(), settled.askers.size()) << "somebody is told twice";
    if (!settled.over) {
      for (const auto asker : askers) EXPECT_EQ(call->second.askers.erase(asker), 1u);
      EXPECT_FALSE(call->second.askers.empty());
      return;
    }
    EXPECT_EQ(askers, call->second.askers);
    calls_.erase(call);
    ++settled_;
  }

  test::Dice dice_;
  Services services_{{4, 64, per_session, 2048}};
  WallTime now_{1'000'000'000};
  std::map<SessionRef, Offer> offers_;
  std::map<InvocationId, Running> running_;
  std::map<std::uint64_t, Call> calls_;
  std::uint64_t offer_count_ = 0, last_id_ = 0, last_invocation_ = 0;
  std::size_t settled_ = 0, handed_on_ = 0;
};

TEST(ServicesModel, EachCallIsSettledOnceWhateverOrderThingsHappenIn) {
  std::size_t settled = 0, handed_on = 0;
  for (std::uint64_t seed = 1; seed <= 150 && !testing::Test::HasFailure(); ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    Model model(seed);
    for (int step = 0; step < 400 && !testing::Test::HasFailure(); ++step) model.step();
    model.end();
    settled += model.settled();
    handed_on += model.handed_on();
  }
  EXPECT_GT(settled, 5000u);
  EXPECT_GT(handed_on, 50u);
}

}  // namespace
}  // namespace hubbub::server
