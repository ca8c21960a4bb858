// Queue groups that acknowledge, over restarts and crashes of the hub.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>

#include "tests/integration/durable/kept_hub.hpp"

namespace hubbub::test {
namespace {

using proto::Verdict;

struct Job {
  RoomId room;
  Seq seq;
  std::uint16_t attempt = 0;
};

class AKeptGroup : public testing::Test {
 protected:
  WireClient worker(const std::string& name, std::uint16_t at_once = 1, std::uint16_t attempts_max = 3,
                    const std::string& room = "jobs") {
    auto client = hub.client(name);
    proto::RoomSubscribe call;
    call.pattern = Pattern::literal(room);
    call.group = GroupName::literal("workers");
    call.at_once = at_once;
    call.attempts_max = attempts_max;
    EXPECT_TRUE(client.call(call));
    return client;
  }
  static Job take(WireClient& client) {
    const auto handed = client.expect<proto::Handed>();
    const auto delivery = proto::decode_value<proto::Delivery>(handed.delivery.bytes).value();
    return {delivery.room, delivery.seq, handed.attempt};
  }
  static void settle(WireClient& client, const Job& job, Verdict verdict = Verdict::done) {
    client.send(proto::Settle{job.room, job.seq, verdict, Text::literal("exit code 1"), {}});
  }
  static proto::GroupInfo info(WireClient& client) {
    return client.call(proto::GroupList{RoomName::literal("jobs")}).value().groups.at(0);
  }
  /// Whoever says more comes under another name: a client's publish ids are never used again.
  void say(int count, const std::string& who = "bob") {
    auto bob = hub.client(who);
    const auto room = bob.open("jobs");
    for (int i = 0; i < count; ++i) bob.say(room, "x");
  }

  KeptHub hub{{"--cores", "2"}};
};

TEST_F(AKeptGroup, GoesOnAfterACrashWithWhatWasNotSettledAndNothingElse) {
  {
    auto alice = worker("alice", 10);
    say(8);
    std::vector<Job> jobs;
    for (int i = 0; i < 8; ++i) jobs.push_back(take(alice));
    for (const int done : {0, 2, 3, 6}) settle(alice, jobs[static_cast<std::size_t>(done)]);
    settle(alice, jobs[4], Verdict::again);
    EXPECT_EQ(take(alice).attempt, 2);
    EXPECT_EQ(info(alice).done, 4u) << "which is kept once it is told";
    hub.stop(SIGKILL);
  }
  hub.start();
  say(1, "carol");
  auto alice = worker("alice", 10);
  std::map<std::uint64_t, int> attempts;
  for (int i = 0; i < 5; ++i) {
    const auto job = take(alice);
    attempts[job.seq.value] = job.attempt;
    settle(alice, job);
  }
  EXPECT_EQ(attempts, (std::map<std::uint64_t, int>{{2, 1}, {5, 2}, {6, 1}, {8, 1}, {9, 1}}));
  EXPECT_EQ(info(alice).out, 0u);
  EXPECT_FALSE(alice.find<proto::Handed>());
}

TEST_F(AKeptGroup, CountsNoAttemptWhenTheHubIsStopped) {
  {
    auto alice = worker("alice");
    say(1);
    take(alice);
    hub.stop(SIGTERM);
  }
  hub.start();
  auto alice = worker("alice");
  EXPECT_EQ(take(alice).attempt, 1);
}

TEST_F(AKeptGroup, HasItsDeadInARoomThatIsKept) {
  {
    auto alice = worker("alice", 1, 1);
    say(1);
    settle(alice, take(alice), Verdict::again);
    wait_until("it is dead", [&] { return info(alice).dead == 1; });
    hub.stop(SIGKILL);
  }
  hub.start();
  auto alice = worker("alice");
  EXPECT_EQ(bodies(alice.call(proto::RoomHistory{RoomName::literal("jobs.dead"), {}, 50}).value()),
            std::vector<std::string>{"x"});
  EXPECT_EQ(info(alice).waiting, 0u);
  EXPECT_FALSE(alice.find<proto::Handed>());
}

TEST_F(AKeptGroup, ThatWasForgottenIsGoneAfterACrash) {
  auto alice = worker("alice");
  EXPECT_TRUE(alice.call(proto::RoomUnsubscribe{Pattern::literal("jobs")}));
  EXPECT_TRUE(alice.call(proto::GroupForget{RoomName::literal("jobs"), GroupName::literal("workers")}));
  hub.restart(SIGKILL);
  auto again = hub.client("alice");
  EXPECT_TRUE(again.call(proto::GroupList{RoomName::literal("jobs")}).value().groups.empty());
}

TEST_F(AKeptGroup, LosesNothingThoughTheHubIsKilledAgainAndAgain) {
  constexpr int messages = 300;
  { auto alice = worker("alice", 20); }
  say(messages);
  std::map<std::uint64_t, int> kept_done;
  std::set<std::uint64_t> seen;
  for (int life = 0; life < 6; ++life) {
    auto alice = worker("alice", 20);
    std::set<std::uint64_t> done;
    for (int i = 0; i < 40; ++i) {
      const auto job = take(alice);
      EXPECT_FALSE(kept_done.contains(job.seq.value)) << "it was known to be kept as done";
      seen.insert(job.seq.value);
      settle(alice, job);
      done.insert(job.seq.value);
    }
    info(alice);
    for (const auto seq : done) ++kept_done[seq];
    const auto last = take(alice);
    seen.insert(last.seq.value);
    settle(alice, last);  // whether that is kept nobody knows
    hub.restart(SIGKILL);
  }
  auto alice = worker("alice", 20);
  while (info(alice).behind + info(alice).out + info(alice).waiting > 0) {
    const auto job = take(alice);
    EXPECT_FALSE(kept_done.contains(job.seq.value));
    seen.insert(job.seq.value);
    settle(alice, job);
  }
  EXPECT_EQ(seen.size(), static_cast<std::size_t>(messages));
}

TEST(AGroupOfATrimmedRoom, GivesUpWhatRetentionHasAndSaysSo) {
  KeptHub hub({"--cores", "1"}, "[rooms]\nrules = ['jobs messages=100']\n");
  auto alice = hub.client("alice");
  proto::RoomSubscribe call;
  call.pattern = Pattern::literal("jobs");
  call.group = GroupName::literal("workers");
  call.at_once = 1;
  ASSERT_TRUE(alice.call(call));
  const auto first = [&] {
    auto bob = hub.client("bob");
    const auto room = bob.open("jobs");
    for (int i = 0; i < 5000; ++i) bob.publish(room, std::string(500, 'x'));
    bob.say(room, "the last");
    return alice.expect<proto::Handed>();
  }();
  const auto delivery = proto::decode_value<proto::Delivery>(first.delivery.bytes).value();
  EXPECT_EQ(delivery.seq, Seq{1});
  wait_until("something was trimmed", [&] {
    return alice.call(proto::RoomHistory{RoomName::literal("jobs"), {}, 50}).value().first > Seq{1000};
  });
  auto last = delivery.seq;
  for (auto next = last.next(); next == last.next();) {  // what was read before it was trimmed comes all the same
    alice.send(proto::Settle{delivery.room, last, Verdict::done, {}, {}});
    const auto handed = alice.expect<proto::Handed>();
    next = proto::decode_value<proto::Delivery>(handed.delivery.bytes).value().seq;
    if (next == last.next()) {
      last = next;
      next = last.next();
      continue;
    }
    const auto lost = alice.expect<proto::Lost>();
    EXPECT_EQ(lost.first, last.next());
    EXPECT_EQ(lost.last.next(), next);
  }
}

}  // namespace
}  // namespace hubbub::test
