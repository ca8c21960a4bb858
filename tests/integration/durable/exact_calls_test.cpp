// Calls of services that take effect exactly once, through real hubs that are killed: one answer, the same for ever.
#include <gtest/gtest.h>

#include "tests/integration/durable/kept_hub.hpp"
#include "tests/integration/hub/a_service.hpp"

namespace hubbub::test {
namespace {

class ExactCalls : public testing::Test {
 protected:
  static Ask exactly(std::uint32_t deadline_ms = 0, std::string_view arguments = "[1]") {
    return {1000, "image.scale", arguments, deadline_ms, false, proto::Once::exactly};
  }
  WireClient provider(const std::string& name) {
    auto made = hub_.client(name);
    EXPECT_TRUE(made.call(offer_of("image")));
    return made;
  }
  static void answer(WireClient& provider, const proto::Invoke& call, std::string_view result) {
    provider.send(proto::Outcome{call.id, Status::ok, {result}});
  }
  void kill_the_hub() {
    hub_->stop(SIGKILL);
    hub_->start_again();
  }
  /// Asks until the hub says that it keeps the call, which nobody can run yet.
  void ask_until_it_is_kept(WireClient& client) {
    wait_until("the call is kept", [&] {
      ask(client, exactly(50));
      const auto reply = client.expect<proto::Reply>();
      EXPECT_EQ(reply.status, Status::deadline_exceeded);
      return reply.result.bytes.find("the call stays until it is done") != std::string_view::npos;
    });
  }
  /// What the call is answered with, and whether that was kept.
  std::pair<std::string, bool> answer_to(WireClient client) {
    ask(client, exactly());
    const auto reply = reply_in(client.expect<proto::Reply>());
    return {std::string(reply.answers.at(0).result.bytes), reply.replayed};
  }

  KeptHub hub_;
};

TEST_F(ExactCalls, AreAnsweredOnceThoughTheHubIsKilledAfterEachStep) {
  {
    auto alice = hub_.client("alice");
    ask_until_it_is_kept(alice);
  }
  kill_the_hub();
  proto::Invoke first;
  {
    auto bob = provider("bob");
    first = bob.expect<proto::Invoke>();
    EXPECT_EQ(first.arguments.bytes, "[1]");
    EXPECT_EQ(first.from.str(), "alice");
    EXPECT_GT(first.attempt, 1u) << "it may have been given before";
    kill_the_hub();
  }
  auto bob = provider("bob"), alice = hub_.client("alice");
  const auto second = bob.expect<proto::Invoke>();
  EXPECT_EQ(second.client, first.client);
  EXPECT_EQ(second.call, first.call);
  ask(alice, exactly());
  answer(bob, second, "done");
  EXPECT_EQ(reply_in(alice.expect<proto::Reply>()).answers.at(0).result.bytes, "done");
  kill_the_hub();
  EXPECT_EQ(answer_to(hub_.client("alice")), std::pair(std::string("done"), true));
  hub_.restart();
  auto carol = provider("carol");
  EXPECT_EQ(answer_to(hub_.client("alice")), std::pair(std::string("done"), true));
  meet_the_directory(carol);
  EXPECT_FALSE(carol.find<proto::Invoke>());
}

TEST_F(ExactCalls, AnAnswerThatNobodyWaitedForIsThereForWhoAsks) {
  auto bob = provider("bob");
  {
    auto alice = hub_.client("alice");
    ask(alice, exactly());
    const auto call = bob.expect<proto::Invoke>();
    alice.reset();
    answer(bob, call, "done");
  }
  EXPECT_EQ(answer_to(hub_.client("alice")).first, "done");
  auto alice = hub_.client("alice");
  ask(alice, exactly(0, "[2]"));
  EXPECT_EQ(alice.expect<proto::Reply>().status, Status::already_exists);
  kill_the_hub();
  auto again = hub_.client("alice");
  ask(again, exactly(0, "[2]"));
  EXPECT_EQ(again.expect<proto::Reply>().status, Status::already_exists) << "it is another question for ever, too";
}

TEST_F(ExactCalls, ACallThatIsCutOffWithItsProviderIsRunByAnother) {
  auto alice = hub_.client("alice"), bob = provider("bob");
  ask(alice, exactly());
  const auto first = bob.expect<proto::Invoke>();
  auto carol = provider("carol");
  bob.reset();
  const auto second = carol.expect<proto::Invoke>();
  EXPECT_EQ(second.attempt, 2u);
  EXPECT_EQ(second.client, first.client);
  answer(carol, second, "by the other");
  const auto reply = reply_in(alice.expect<proto::Reply>());
  EXPECT_EQ(reply.answers.at(0).result.bytes, "by the other");
  EXPECT_EQ(reply.attempts, 2u);
}

TEST_F(ExactCalls, ACancelEndsTheWaitAndNotTheCall) {
  auto alice = hub_.client("alice"), bob = provider("bob");
  ask(alice, exactly());
  const auto call = bob.expect<proto::Invoke>();
  alice.send(proto::Cancel{CallId{1000}});
  EXPECT_EQ(alice.expect<proto::Reply>().status, Status::cancelled);
  meet_the_directory(bob);
  EXPECT_FALSE(bob.find<proto::Revoke>());
  answer(bob, call, "done");
  EXPECT_EQ(answer_to(hub_.client("alice")).first, "done");
}

TEST_F(ExactCalls, WaitForAProviderAndAreThenGivenAtOnce) {
  auto alice = hub_.client("alice");
  ask_until_it_is_kept(alice);
  auto bob = provider("bob");
  answer(bob, bob.expect<proto::Invoke>(), "done");
  EXPECT_EQ(answer_to(hub_.client("alice")).first, "done");
}

}  // namespace
}  // namespace hubbub::test
