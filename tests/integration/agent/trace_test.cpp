// A traced message through agent and hub: every hop is there, in order.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/integration/agent/an_agent.hpp"

namespace hubbub::test {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

class Trace : public testing::Test {
 protected:
  Trace() { agent.wait_for_hub(); }
  /// A `hubbub trace` that receives already.
  Job watch(const std::string& how) {
    Job job = agent.shell.start("exec hubbub trace ops " + how);
    job.wait_for_err("waiting for messages");
    return job;
  }
  static std::vector<std::string> hops(const Json& way) {
    std::vector<std::string> names;
    for (const auto& hop : way["hops"]) names.push_back(hop["hop"].get<std::string>() + "|" + hop.value("by", ""));
    return names;
  }
  static void expect_in_order(const Json& way) {
    for (const auto& hop : way["hops"]) EXPECT_GE(hop["took_us"].get<double>(), 0) << way.dump(2);
  }
  AnAgent agent{HubOptions{{"--cores", "1"}, {}, {}, 0, true}};
};

TEST_F(Trace, ShowsEveryHopFromAProgramToAReaderThroughTheAgent) {
  Job watching = watch("-n 1 --json");
  ASSERT_EQ(agent.shell.run("hubbub pub ops --trace -m hi").code, 0);
  EXPECT_EQ(watching.wait(), 0);
  const auto way = Json::parse(watching.out());
  EXPECT_THAT(hops(way), ElementsAre("pub|", "agent|UNIX socket", "agent|handed on", "hub core 0|TCP",
                                     "hub core 0|numbered", "log|end of the tick", "log|memory", HasSubstr("fan-out|"),
                                     "agent|TCP", "agent|handed on", "trace|UNIX socket"));
  expect_in_order(way);
}

TEST_F(Trace, ShowsTheWayStraightToTheHub) {
  Job watching = watch("-n 1 --json --no-agent");
  ASSERT_EQ(agent.shell.run("hubbub pub ops --no-agent --trace -m hi").code, 0);
  EXPECT_EQ(watching.wait(), 0);
  const auto way = Json::parse(watching.out());
  EXPECT_THAT(hops(way), ElementsAre("pub|", "hub core 0|TCP", "hub core 0|numbered", "log|end of the tick",
                                     "log|memory", "fan-out|1 reader", "trace|TCP"));
  expect_in_order(way);
}

TEST_F(Trace, ShowsTheWayOutOfTheRing) {
  Job watching = watch("-n 1 --json --ring");
  ASSERT_EQ(agent.shell.run("hubbub pub ops --trace -m hi").code, 0);
  EXPECT_EQ(watching.wait(), 0);
  const auto way = Json::parse(watching.out());
  EXPECT_EQ(hops(way).back(), "trace|shared memory ring");
  EXPECT_EQ(way["hops"].size(), 11u);
  expect_in_order(way);
}

TEST_F(Trace, WhoPublishesSeesTheWayOut) {
  const auto said = agent.shell.run("hubbub pub ops --trace -m hi");
  EXPECT_EQ(said.code, 0);
  EXPECT_THAT(said.out, HasSubstr("#ops 1 from alice"));
  EXPECT_THAT(said.out, HasSubstr("fan-out"));
  EXPECT_THAT(said.out, HasSubstr("TCP"));
}

TEST_F(Trace, LeavesOutWhatIsNotTraced) {
  Job watching = watch("-n 1 --json");
  ASSERT_EQ(agent.shell.run("hubbub pub ops -m plain && hubbub pub ops --trace -m hi").code, 0);
  EXPECT_EQ(watching.wait(), 0);
  EXPECT_EQ(Json::parse(watching.out())["seq"], 2);
}

TEST_F(Trace, AJsonProgramCanTrace) {
  Job watching = watch("-n 1 --json");
  auto program = agent.program();
  program.ask(R"({"op":"sub","room":"ops"})");
  ASSERT_TRUE(program.ask(R"({"op":"pub","room":"ops","text":"hi","traced":true,"id":1})").contains("seq"));
  EXPECT_EQ(watching.wait(), 0);
  const auto way = Json::parse(watching.out());
  EXPECT_EQ(hops(way).front(), "agent|UNIX socket, JSON line");
  const auto came = program.next("message");
  EXPECT_EQ(came["traced"], true);
  EXPECT_THAT(came["headers"]["trace"].get<std::string>(), HasSubstr(" agent>local@"));
}

TEST_F(Trace, AJsonProgramThatSaysItWronglyIsTold) {
  auto program = agent.program();
  const auto answer = program.ask(R"({"op":"pub","room":"ops","text":"hi","traced":"yes"})");
  EXPECT_EQ(answer["error"]["sentence"], "its traced is not true or false");
}

TEST_F(Trace, SaysThatAMessageHasWaitedForTheHub) {
  agent.shell.hub().stop();
  agent.job().wait_for_err("the hub is away");
  const auto said = agent.shell.run("hubbub pub ops --trace -m hi");
  EXPECT_EQ(said.code, 0);
  EXPECT_THAT(said.err, HasSubstr("hubbub trace ops shows it when it arrives"));
  agent.shell.hub().start_again();
  wait_until("it is said", [&] { return agent.said("ops") == "1 hi\n"; });
  const auto past = Json::parse(agent.shell.run("hubbub history ops -F '{json}'").out);
  EXPECT_THAT(past["headers"]["trace"].get<std::string>(), HasSubstr(" agent>outbox@"));
}

TEST_F(Trace, WhoPublishesAStreamSeesEachWayAsItIsTaken) {
  Job publishing = agent.shell.start("exec hubbub pub ops --trace");
  publishing.feed("first\n");
  publishing.wait_for_out("#ops 1 from alice");
  publishing.feed("second\n");
  publishing.wait_for_out("#ops 2 from alice");
  publishing.close_input();
  EXPECT_EQ(publishing.wait(), 0);
}

TEST_F(Trace, AHubThatStandsStillHoldsUpNobodyAndLosesNothing) {
  Job publishing = agent.shell.start("exec hubbub pub ops --trace --no-agent --timeout 500ms");
  publishing.feed("first\n");
  publishing.wait_for_out("#ops 1 from alice");
  agent.shell.hub().pause();
  publishing.feed("second\nthird\n");
  publishing.close_input();
  EXPECT_EQ(publishing.wait(), 0);
  EXPECT_THAT(publishing.err(), HasSubstr("hubbub trace ops shows it when it arrives"));
  EXPECT_THAT(publishing.err(), HasSubstr("queued 2 messages"));
  agent.shell.hub().signal(SIGCONT);
  EXPECT_EQ(agent.shell.run("hubbub pub ops --no-agent -m fourth").code, 0);
  EXPECT_EQ(agent.said("ops"), "1 first\n2 second\n3 third\n4 fourth\n");
}

TEST_F(Trace, AnOutboxThatCantBeWrittenIsAFailure) {
  const auto said = agent.shell.run(
      "head -c 300000 /dev/zero | tr '\\0' x > large; trap '' XFSZ; ulimit -f 128; "
      "hubbub pub ops --trace --no-agent -f large");
  EXPECT_NE(said.code, 0);
  EXPECT_THAT(said.err, HasSubstr("outbox"));
}

TEST_F(Trace, RefusesWhatItCantTrace) {
  const auto refused = agent.shell.run("hubbub pub ops --trace --no-ack -m hi");
  EXPECT_EQ(refused.code, 64);
  EXPECT_THAT(refused.err, HasSubstr("--trace and --no-ack exclude each other"));
}

TEST_F(Trace, EndsWhenItsTimeIsUp) {
  EXPECT_EQ(agent.shell.run("hubbub trace ops --for 100ms").code, 0);
  EXPECT_EQ(agent.shell.run("hubbub trace ops -n 1 --for 100ms").code, 124);
}

}  // namespace
}  // namespace hubbub::test
