// Queue groups that acknowledge, as they look on the wire: several clients, good and bad ones, and a real hub.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "proto/dead_letters.hpp"
#include "tests/support/hub_process.hpp"
#include "tests/support/memory_bound.hpp"
#include "tests/support/wire_client.hpp"

namespace hubbub::test {
namespace {

using proto::Verdict;
using testing::HasSubstr;

struct Job {
  RoomId room;
  Seq seq;
  std::uint16_t attempt = 0;
  std::string body;
};

class AckedGroup : public testing::Test {
 protected:
  explicit AckedGroup(std::vector<std::string> flags = {"--cores", "2"}) : hub(std::move(flags)) {}

  WireClient person(const std::string& name) {
    WireClient client(hub.url());
    client.greet(name);
    return client;
  }
  static Result<proto::RoomSubscribe::Reply> try_work(WireClient& client, std::uint16_t at_once = 1,
                                                      std::uint16_t attempts_max = 3, std::uint32_t backoff_ms = 0,
                                                      const std::string& group = "workers") {
    proto::RoomSubscribe call;
    call.pattern = Pattern::literal("jobs");
    call.group = GroupName::literal(group);
    call.at_once = at_once;
    call.attempts_max = attempts_max;
    call.backoff_ms = backoff_ms;
    return client.call(call);
  }
  WireClient worker(const std::string& name, std::uint16_t at_once = 1, std::uint16_t attempts_max = 3,
                    std::uint32_t backoff_ms = 0, const std::string& group = "workers") {
    auto client = person(name);
    EXPECT_TRUE(try_work(client, at_once, attempts_max, backoff_ms, group));
    return client;
  }
  static Job job_in(const proto::Handed& handed) {
    const auto delivery = proto::decode_value<proto::Delivery>(handed.delivery.bytes).value();
    return {delivery.room, delivery.seq, handed.attempt, std::string(delivery.body.bytes)};
  }
  static Job take(WireClient& client) { return job_in(client.expect<proto::Handed>()); }
  static bool has_more(WireClient& client) { return client.find<proto::Handed>().has_value(); }
  static void settle(WireClient& client, const Job& job, Verdict verdict = Verdict::done,
                     std::string_view reason = "exit code 1") {
    client.send(proto::Settle{job.room, job.seq, verdict, Text::literal(reason), Text::literal("the last words")});
  }
  proto::GroupInfo info(WireClient& client) {
    return client.call(proto::GroupList{RoomName::literal("jobs")}).value().groups.at(0);
  }
  void wait_for(WireClient& client, const std::string& what, const std::function<bool(const proto::GroupInfo&)>& is) {
    wait_until(what, [&] { return is(info(client)); });
  }
  /// Says `count` jobs, the number being the body.
  static void say(WireClient& client, int count) {
    const auto room = client.open("jobs");
    for (int i = 1; i < count; ++i) client.publish(room, std::to_string(i));
    client.say(room, std::to_string(count));
  }
  static std::vector<proto::Delivery> dead(WireClient& client, std::vector<std::string>& kept) {
    std::vector<proto::Delivery> all;
    const auto page = client.call(proto::RoomHistory{RoomName::literal("jobs.dead"), {}, 50});
    if (!page) return all;
    for (const auto& message : page->messages) kept.push_back(message.bytes);
    for (const auto& payload : kept) all.push_back(proto::decode_value<proto::Delivery>(payload).value());
    return all;
  }
  static std::string header(const proto::Delivery& delivery, std::string_view key) {
    for (const auto& header : delivery.headers.list)
      if (header.key == key) return header.value;
    return "(none)";
  }

  HubProcess hub;
};

TEST_F(AckedGroup, HandsOutNoMoreAtATimeThanAMemberTakes) {
  auto alice = worker("alice", 2);
  auto bob = person("bob");
  say(bob, 5);
  const auto first = take(alice), second = take(alice);
  EXPECT_EQ(first.body + second.body, "12");
  EXPECT_FALSE(has_more(alice));
  settle(alice, first);
  EXPECT_EQ(take(alice).body, "3");
  EXPECT_FALSE(has_more(alice));
}

TEST_F(AckedGroup, HandsOutAgainWhatFailedAndCountsTheAttempts) {
  auto alice = worker("alice");
  auto bob = person("bob");
  say(bob, 1);
  const auto first = take(alice);
  EXPECT_EQ(first.attempt, 1);
  settle(alice, first, Verdict::again);
  const auto again = take(alice);
  EXPECT_EQ(again.attempt, 2);
  EXPECT_EQ(again.body, "1");
  settle(alice, again);
  wait_for(bob, "it is done", [](const auto& group) { return group.done == 1 && group.failed == 1; });
}

TEST_F(AckedGroup, PutsToTheDeadWhatFailedTooOftenWithWhatIsKnown) {
  auto alice = worker("alice", 1, 2);
  auto bob = person("bob");
  say(bob, 1);
  settle(alice, take(alice), Verdict::again, "exit code 3");
  settle(alice, take(alice), Verdict::again, "exit code 4");
  wait_for(bob, "it is dead", [](const auto& group) { return group.dead == 1 && group.waiting == 0; });
  std::vector<std::string> kept;
  const auto letters = dead(bob, kept);
  ASSERT_EQ(letters.size(), 1u);
  const auto& letter = letters[0];
  EXPECT_EQ(letter.from.str(), "alice");
  EXPECT_EQ(letter.body.bytes, "1");
  EXPECT_NE(letter.flags & proto::flags::by_hub, 0);
  EXPECT_EQ(header(letter, "dead-room"), "jobs");
  EXPECT_EQ(header(letter, "dead-seq"), "1");
  EXPECT_EQ(header(letter, "dead-from"), "bob");
  EXPECT_EQ(header(letter, "dead-group"), "workers");
  EXPECT_EQ(header(letter, "dead-attempts"), "2");
  EXPECT_EQ(header(letter, "dead-reason"), "exit code 4");
  EXPECT_EQ(header(letter, "dead-stderr"), "the last words");
}

TEST_F(AckedGroup, NobodyElseCanSayThatTheHubVouchesForSomething) {
  auto bob = person("bob");
  const auto room = bob.open("jobs.dead");
  bob.subscribe("jobs.dead");
  bob.say(room, "forged", proto::Kind::text, proto::flags::by_hub | proto::flags::erased);
  EXPECT_EQ(bob.expect<proto::Delivery>().flags & (proto::flags::by_hub | proto::flags::erased), 0);
}

TEST_F(AckedGroup, ALostMembersMessagesGoToAnotherAtOnceAsFailedAttempts) {
  auto alice = worker("alice", 2, 5, 3'600'000);
  auto bob = person("bob");
  say(bob, 2);
  take(alice);
  take(alice);
  alice.reset();
  auto carol = worker("carol", 2, 5, 3'600'000);
  const auto one = take(carol), two = take(carol);
  EXPECT_EQ(one.attempt + two.attempt, 4);
}

TEST_F(AckedGroup, AMemberThatSaysGoodByeOrUnsubscribesCountsNoAttempt) {
  auto alice = worker("alice");
  auto bob = person("bob");
  say(bob, 1);
  take(alice);
  EXPECT_TRUE(alice.call(proto::RoomUnsubscribe{Pattern::literal("jobs")}));
  ASSERT_TRUE(try_work(alice));
  EXPECT_EQ(take(alice).attempt, 1);
  alice.send(proto::Goodbye{});
  auto carol = worker("carol");
  EXPECT_EQ(take(carol).attempt, 1);
}

TEST_F(AckedGroup, WhatIsGivenBackGoesToAnother) {
  auto alice = worker("alice");
  auto bob = person("bob");
  say(bob, 1);
  const auto job = take(alice);
  auto carol = worker("carol");
  settle(alice, job, Verdict::back);
  EXPECT_EQ(take(carol).attempt, 1);
}

TEST_F(AckedGroup, WaitsWithoutMembersForTheNextOne) {
  { auto alice = worker("alice"); }
  auto bob = person("bob");
  say(bob, 3);
  EXPECT_EQ(info(bob).behind, 3u);
  auto carol = worker("carol");
  EXPECT_EQ(take(carol).body, "1");
}

TEST_F(AckedGroup, EachGroupGetsEveryMessage) {
  auto alice = worker("alice", 1, 3, 0, "one");
  auto carol = worker("carol", 1, 3, 0, "two");
  auto bob = person("bob");
  say(bob, 1);
  EXPECT_EQ(take(alice).body, "1");
  EXPECT_EQ(take(carol).body, "1");
}

TEST_F(AckedGroup, IsOneKindOrTheOther) {
  auto alice = worker("alice");
  auto bob = person("bob");
  proto::RoomSubscribe plain;
  plain.pattern = Pattern::literal("jobs");
  plain.group = GroupName::literal("workers");
  EXPECT_EQ(bob.call(plain).error().status, Status::failed_precondition);
}

TEST_F(AckedGroup, CanBeForgottenOnceItHasNoMembers) {
  auto alice = worker("alice");
  auto bob = person("bob");
  const proto::GroupForget forget{RoomName::literal("jobs"), GroupName::literal("workers")};
  EXPECT_EQ(alice.call(forget).error().status, Status::failed_precondition);
  EXPECT_TRUE(alice.call(proto::RoomUnsubscribe{Pattern::literal("jobs")}));
  EXPECT_TRUE(alice.call(forget));
  EXPECT_TRUE(bob.call(proto::GroupList{RoomName::literal("jobs")}).value().groups.empty());
  EXPECT_EQ(alice.call(forget).error().status, Status::not_found);
}

TEST_F(AckedGroup, IsSharedByTheLeastBusy) {
  auto alice = worker("alice", 10), carol = worker("carol", 10);
  auto bob = person("bob");
  say(bob, 6);
  for (int i = 0; i < 3; ++i) {
    take(alice);
    take(carol);
  }
  EXPECT_FALSE(has_more(alice));
  EXPECT_FALSE(has_more(carol));
}

// ── clients that do wrong ────────────────────────────────────────────────────────────────────────────────────────────

TEST_F(AckedGroup, DropsASettleForWhatIsNotOwed) {
  auto alice = worker("alice"), carol = worker("carol");
  auto bob = person("bob");
  say(bob, 1);
  std::optional<proto::Handed> handed;
  wait_until("one of them has it",
             [&] { return (handed = alice.find<proto::Handed>()) || (handed = carol.find<proto::Handed>()); });
  const auto job = job_in(*handed);
  settle(bob, job);
  settle(alice, {job.room, Seq{7}, 0, {}});
  settle(alice, {RoomId{99}, Seq{1}, 0, {}});
  settle(alice, {RoomId{}, Seq{}, 0, {}});
  alice.barrier();
  bob.barrier();
  EXPECT_EQ(info(bob).out, 1u);
  EXPECT_EQ(info(bob).done, 0u);
}

TEST_F(AckedGroup, CountsASettleOnceHoweverOftenItComes) {
  auto alice = worker("alice");
  auto bob = person("bob");
  say(bob, 2);
  const auto job = take(alice);
  for (int i = 0; i < 20'000; ++i) settle(alice, job, i % 2 == 0 ? Verdict::done : Verdict::again);
  EXPECT_EQ(take(alice).body, "2");
  alice.barrier();
  const auto group = info(bob);
  EXPECT_EQ(group.done, 1u);
  EXPECT_EQ(group.failed, 0u);
  EXPECT_EQ(group.out, 1u);
}

TEST_F(AckedGroup, AVerdictThatIsNoneCountsAsAFailure) {
  auto alice = worker("alice");
  auto bob = person("bob");
  say(bob, 1);
  settle(alice, take(alice), static_cast<Verdict>(77));
  EXPECT_EQ(take(alice).attempt, 2);
}

TEST_F(AckedGroup, MembersThatNeverSettleHoldUpAWindowAndNoMore) {
  auto alice = worker("alice", UINT16_MAX);
  auto bob = person("bob");
  say(bob, 10'000);
  for (int i = 0; i < 4096; ++i) take(alice);
  EXPECT_FALSE(has_more(alice));
  const auto group = info(bob);
  EXPECT_EQ(group.out, 4096u);
  EXPECT_EQ(group.behind, 10'000u - 4096u);
  alice.close();
  auto carol = worker("carol", 100);
  for (int i = 0; i < 10'000; ++i) settle(carol, take(carol));
  wait_for(bob, "all are done", [](const auto& all) { return all.done == 10'000 && all.out == 0 && all.waiting == 0; });
}

TEST_F(AckedGroup, AMemberThatDoesNotReadCostsLittleMemoryAndGetsTheRestLater) {
  WireClient alice(hub.url(), 4096);
  alice.greet("alice");
  ASSERT_TRUE(try_work(alice, 1000));
  auto bob = person("bob");
  const auto room = bob.open("jobs");
  const auto before = hub.memory_bytes();
  for (int i = 0; i < 60; ++i) bob.say(room, std::string(500'000, 'x'));
  EXPECT_TRUE(is_below(hub.memory_bytes(), before + (60u << 20))) << "the room's tail is 32 MiB of that";
  for (int i = 0; i < 60; ++i) settle(alice, take(alice));
  wait_for(bob, "all are done", [](const auto& all) { return all.done == 60; });
}

}  // namespace
}  // namespace hubbub::test
