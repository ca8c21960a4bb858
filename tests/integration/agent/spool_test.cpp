// What local programs say while the hub is away: kept on the disk, in order, and said once.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/integration/agent/an_agent.hpp"

namespace hubbub::test {
namespace {

using testing::HasSubstr;

HubOptions that_keeps_its_rooms() {
  HubOptions options;
  options.flags = {"--data", "kept"};
  return options;
}

class Spool : public testing::Test {
 protected:
  Spool() { agent.wait_for_hub(); }
  void take_the_hub_away() {
    agent.shell.hub().stop();
    agent.job().wait_for_err("the hub is away");
  }
  void say(int from, int to) {
    auto program = agent.program();
    for (int number = from; number <= to; ++number) {
      const auto answer = program.ask(R"({"op":"pub","room":"ops","text":")" + std::to_string(number) + R"(","id":1})");
      ASSERT_EQ(answer.dump(), R"({"queued":true,"id":1})");
    }
  }
  static std::string numbers(int last) {
    std::string text;
    for (int number = 1; number <= last; ++number) text += std::to_string(number) + " " + std::to_string(number) + "\n";
    return text;
  }
  void wait_until_said(int last) {
    wait_until([&] { return "all is said: " + agent.said("ops"); }, [&] { return agent.said("ops") == numbers(last); });
  }
  AnAgent agent;
};

TEST_F(Spool, KeepsWhatIsSaidWhileTheHubIsAway) {
  take_the_hub_away();
  say(1, 100);
  EXPECT_EQ(agent.program().ask(R"({"op":"status"})")["spooled"], 100);
  agent.shell.hub().start_again();
  wait_until_said(100);
  EXPECT_EQ(agent.program().ask(R"({"op":"status"})")["spooled"], 0);
}

TEST_F(Spool, OutlivesAnAgentThatIsKilled) {
  take_the_hub_away();
  say(1, 50);
  agent.stop(SIGKILL);
  agent.start();
  say(51, 80);
  agent.shell.hub().start_again();
  wait_until_said(80);
}

TEST_F(Spool, TakesWhatACommandSaysAndSaysSo) {
  take_the_hub_away();
  const auto ran = agent.shell.run("seq 3 | hubbub pub ops");
  EXPECT_EQ(ran.code, 0);
  EXPECT_THAT(ran.err, HasSubstr("the hub is away: the agent has 3 messages"));
  agent.shell.hub().start_again();
  wait_until_said(3);
}

TEST_F(Spool, TellsAProgramThatWaitsWhenTheHubGoes) {
  agent.shell.hub().pause();
  auto program = agent.program();
  program.say(R"({"op":"pub","room":"ops","text":"1","id":1})");
  agent.shell.hub().signal(SIGKILL);
  EXPECT_EQ(program.next()["queued"], true);
  agent.shell.hub().wait();
  agent.shell.hub().start_again();
  wait_until_said(1);
}

TEST_F(Spool, RefusesAtOnceWhatOnlyTheHubCanAnswer) {
  take_the_hub_away();
  auto program = agent.program();
  EXPECT_EQ(program.ask(R"({"op":"who"})")["error"]["status"], "unavailable");
  EXPECT_EQ(program.ask(R"({"op":"sub","room":"new"})")["error"]["status"], "unavailable");
  EXPECT_EQ(agent.shell.run("hubbub who").code, 69);
}

TEST_F(Spool, SubscriptionsGoOnWhenTheHubIsBack) {
  auto program = agent.program();
  program.ask(R"({"op":"sub","room":"ops","id":1})");
  agent.shell.run("hubbub pub ops -m 1 --no-agent");
  EXPECT_EQ(program.next("message")["text"], "1");
  take_the_hub_away();
  say(2, 3);
  agent.shell.hub().start_again();
  EXPECT_EQ(program.next("message")["text"], "2");
  EXPECT_EQ(program.next("message")["text"], "3");
}

}  // namespace
}  // namespace hubbub::test
