// What local programs say while the hub is away: kept on the disk, in order, and said once.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/integration/agent/an_agent.hpp"

namespace hubbub::test {
namespace {

using testing::HasSubstr;

enum class Rooms { in_memory, kept };

/// A folder that goes away with the test.
struct DataFolder {
  DataFolder() { ::mkdtemp(path.data()); }
  ~DataFolder() {
    std::error_code gone;
    std::filesystem::remove_all(path, gone);
  }
  std::string path = std::filesystem::temp_directory_path() / "hubbub-spool-XXXXXX";
};

HubOptions a_hub(Rooms rooms, const std::string& data) {
  HubOptions options;
  if (rooms == Rooms::kept) options.flags = {"--data", data};
  return options;
}

/// With rooms that a restart of the hub empties, and with rooms that outlive it.
class Spool : public testing::TestWithParam<Rooms> {
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
  DataFolder data_;
  AnAgent agent{a_hub(GetParam(), data_.path)};
};

INSTANTIATE_TEST_SUITE_P(AtAHub, Spool, testing::Values(Rooms::in_memory, Rooms::kept),
                         [](const auto& rooms) { return rooms.param == Rooms::kept ? "ThatKeeps" : "ThatForgets"; });

TEST_P(Spool, KeepsWhatIsSaidToANewRoomWhileTheHubStandsStill) {
  agent.shell.hub().pause();
  agent.shell.run("hubbub pub ops -m 1 --timeout 5s");
  agent.shell.hub().signal(SIGCONT);
  wait_until_said(1);
}

TEST_P(Spool, KeepsWhatIsSaidWhileTheHubIsAway) {
  take_the_hub_away();
  say(1, 100);
  EXPECT_EQ(agent.program().ask(R"({"op":"status"})")["spooled"], 100);
  agent.shell.hub().start_again();
  wait_until_said(100);
  EXPECT_EQ(agent.program().ask(R"({"op":"status"})")["spooled"], 0);
}

TEST_P(Spool, OutlivesAnAgentThatIsKilled) {
  take_the_hub_away();
  say(1, 50);
  agent.stop(SIGKILL);
  agent.start();
  say(51, 80);
  agent.shell.hub().start_again();
  wait_until_said(80);
}

TEST_P(Spool, TakesWhatACommandSaysAndSaysSo) {
  take_the_hub_away();
  const auto ran = agent.shell.run("seq 3 | hubbub pub ops");
  EXPECT_EQ(ran.code, 0);
  EXPECT_THAT(ran.err, HasSubstr("the hub is away: the agent has 3 messages"));
  agent.shell.hub().start_again();
  wait_until_said(3);
}

TEST_P(Spool, TellsAProgramThatWaitsWhenTheHubGoes) {
  agent.shell.hub().pause();
  auto program = agent.program();
  program.say(R"({"op":"pub","room":"ops","text":"1","id":1})");
  agent.shell.hub().signal(SIGKILL);
  EXPECT_EQ(program.next()["queued"], true);
  agent.shell.hub().wait();
  agent.shell.hub().start_again();
  wait_until_said(1);
}

TEST_P(Spool, TellsWhereThingsAreBeforeTheAgentEnds) {
  agent.shell.hub().pause();
  auto program = agent.program();
  program.say(R"({"op":"pub","room":"ops","text":"1","id":1})");
  wait_until("it has it", [&] { return agent.program().ask(R"({"op":"status"})")["spooled"] == 1; });
  auto stopping = agent.shell.start("exec hubbub agent stop");
  EXPECT_EQ(program.next()["queued"], true);
  EXPECT_EQ(stopping.wait(), 0);
  agent.shell.hub().signal(SIGCONT);
  agent.start();
  wait_until_said(1);
}

TEST_P(Spool, RefusesAtOnceWhatOnlyTheHubCanAnswer) {
  take_the_hub_away();
  auto program = agent.program();
  EXPECT_EQ(program.ask(R"({"op":"who"})")["error"]["status"], "unavailable");
  EXPECT_EQ(program.ask(R"({"op":"sub","room":"new"})")["error"]["status"], "unavailable");
  EXPECT_EQ(agent.shell.run("hubbub who").code, 69);
}

TEST_P(Spool, SubscriptionsGoOnWhenTheHubIsBack) {
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

TEST_P(Spool, IsListedWithWhatAnotherProgramHasLeft) {
  take_the_hub_away();
  say(1, 3);
  agent.shell.run("echo 1 | hubbub pub other --no-agent");
  const auto listed = agent.shell.run("hubbub outbox");
  EXPECT_EQ(listed.code, 0);
  EXPECT_THAT(listed.out, testing::ContainsRegex("alice +ops +3 .*waits \\(the agent has it\\)"));
  EXPECT_THAT(listed.out, testing::ContainsRegex("alice +other +1 .*waits\n"));
  EXPECT_EQ(agent.program().ask(R"({"op":"outbox"})")["outbox"][0]["messages"], 3);
}

TEST(SpoolAtARefusal, IsListedWithWhatTheHubWillNotHave) {
  AnAgent agent;
  agent.wait_for_hub();
  EXPECT_TRUE(agent.program().ask(R"({"op":"pub","room":"@nobody","text":"hello","id":1})").contains("error"));
  EXPECT_THAT(agent.shell.run("hubbub outbox").out, HasSubstr("set aside: "));
}

TEST(SpoolAtAFullHub, KeepsAMessageOnceThoughItsRoomCanNotBeMadeNow) {
  HubOptions options;
  options.config = "[limits]\nrooms = 1\n";
  AnAgent agent(std::move(options));
  agent.wait_for_hub();
  agent.shell.run("hubbub pub lobby -m first");
  const auto ran = agent.shell.run("hubbub pub another -m once --timeout 3s");
  EXPECT_EQ(ran.code, 75) << ran.err;  // the hub says so when the room is opened
  auto program = agent.program();
  const auto answer = program.ask(R"({"op":"pub","room":"third","text":"once","id":1})");
  EXPECT_TRUE(answer.contains("queued") || answer.contains("error")) << answer;
  EXPECT_LE(program.ask(R"({"op":"status"})")["spooled"], 1);
}

}  // namespace
}  // namespace hubbub::test
