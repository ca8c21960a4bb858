// The agent's socket speaks the hub's own protocol: every hubbub command works through it.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/integration/agent/an_agent.hpp"

namespace hubbub::test {
namespace {

using testing::HasSubstr;

class WireDoor : public testing::Test {
 protected:
  WireDoor() { agent.wait_for_hub(); }
  Ran run(const std::string& line, std::string_view input = {}) { return agent.shell.run(line, input); }
  Json status() { return agent.program().ask(R"({"op":"status"})"); }
  int sessions_at_the_hub() { return Json::parse(run("hubbub call hub.info --no-agent").out)["sessions"]; }
  AnAgent agent;
};

TEST_F(WireDoor, CommandsShareTheAgentsConnection) {
  const auto sub = agent.shell.start_sub("ops");
  EXPECT_EQ(status()["programs"].size(), 2u);  // sub, and the one who asks
  EXPECT_EQ(sessions_at_the_hub(), 2);         // the agent, and the one who asks
  EXPECT_EQ(run("hubbub pub ops", "one\ntwo\n").code, 0);
  sub.wait_for_out("one\ntwo\n");
}

TEST_F(WireDoor, NoAgentForgoesIt) {
  agent.job().signal_alone(SIGSTOP);
  EXPECT_EQ(run("hubbub pub ops -m direct --no-agent").code, 0);
  EXPECT_EQ(run("HUBBUB_SOCK= hubbub pub ops -m direct").code, 0);
  agent.job().signal_alone(SIGCONT);
}

TEST_F(WireDoor, SomebodyElsesNameGoesStraightToTheHub) {
  EXPECT_EQ(run("XDG_STATE_HOME=$PWD/bob hubbub --name bob pub ops -m hi").code, 0);
  EXPECT_THAT(agent.said("ops", "{from} {header:via}"), HasSubstr("bob \n"));
}

TEST_F(WireDoor, PublishesManyLinesOnceAndInOrder) {
  EXPECT_EQ(run("seq 20000 | hubbub pub numbers").code, 0);
  EXPECT_EQ(run("hubbub sub numbers --all -n 20000 | cmp - numbers || true; seq 20000 > numbers; "
                "hubbub sub numbers --all -n 20000 | cmp - numbers")
                .code,
            0);
}

TEST_F(WireDoor, CarriesTheLargestMessage) {
  write_file(agent.shell.path("body"), std::string(limits::body_bytes_max, 'x'));
  EXPECT_EQ(run("hubbub pub big -f body && hubbub sub big --from 1 -n 1 -N | cmp - body").code, 0);
}

TEST_F(WireDoor, SaysWhichProgramACommandSpeaksFor) {
  write_file(agent.shell.path("backup.sh"), "#!/bin/sh\nhubbub pub ops -m done\n");
  EXPECT_EQ(run("chmod +x backup.sh && ./backup.sh && hubbub pub ops -m typed").code, 0);
  EXPECT_EQ(agent.said("ops", "{header:via} {body}"), "backup.sh done\n typed\n");
}

TEST_F(WireDoor, AsksAndChangesAsStraightAtTheHub) {
  EXPECT_EQ(run("hubbub join ops && hubbub topic ops 'all well' && hubbub say ops hello").code, 0);
  for (const auto* line :
       {"hubbub who ops", "hubbub topic ops", "hubbub history ops", "hubbub rooms", "hubbub call hub.methods"})
    EXPECT_EQ(run(line).out, run(std::string(line) + " --no-agent").out) << line;
}

TEST_F(WireDoor, TellsARefusalOfTheHub) {
  const auto ran = run("hubbub say @nobody hello");
  EXPECT_NE(ran.code, 0);
  EXPECT_THAT(ran.err, HasSubstr("nobody"));
}

TEST_F(WireDoor, WhatNeedsASessionOfItsOwnGoesStraightToTheHub) {
  run("hubbub pub ops -m kept --retain");
  EXPECT_EQ(run("hubbub sub ops --last -n 1").out, "kept\n");
  EXPECT_EQ(run("hubbub sub ops --since 1h -n 1").out, "kept\n");
  const auto member = agent.shell.start_sub("ops --group workers -n 1");
  run("hubbub pub ops -m shared");
  member.wait_for_out("shared\n");
}

TEST_F(WireDoor, AClientThatInsistsIsToldWhy) {
  const auto ran = run("HUBBUB_SOCK= hubbub --hub unix://" + agent.socket() + " sub ops --last -n 1");
  EXPECT_THAT(ran.err, HasSubstr("--no-agent"));
}

TEST_F(WireDoor, CommandsComeBackWhenTheAgentDoes) {
  const auto sub = agent.shell.start_sub("ops");
  run("hubbub pub ops -m before");
  sub.wait_for_out("before\n");
  EXPECT_EQ(agent.stop(), 0);
  agent.start();
  agent.wait_for_hub();
  run("hubbub pub ops -m after");
  sub.wait_for_out("before\nafter\n");
}

TEST_F(WireDoor, SubscriptionsGoOnOverARestartOfTheHub) {
  const auto sub = agent.shell.start_sub("ops");
  run("hubbub pub ops -m before");
  sub.wait_for_out("before\n");
  agent.shell.hub().stop();
  agent.shell.hub().start_again();
  run("hubbub pub ops -m after --no-agent");
  sub.wait_for_out("before\nafter\n");
}

TEST_F(WireDoor, APublisherGoesOnOverARestartOfTheHub) {
  auto pub = agent.shell.start("exec hubbub pub firehose");
  pub.feed("1\n2\n3\n");
  wait_until("the first lines are there", [&] { return agent.said("firehose") == "1 1\n2 2\n3 3\n"; });
  agent.shell.hub().stop();
  agent.shell.hub().start_again();  // whose rooms are empty
  pub.feed("4\n5\n");
  pub.close_input();
  EXPECT_EQ(pub.wait(), 0);
  wait_until([&] { return "the others are there: " + agent.said("firehose"); },
             [&] { return agent.said("firehose", "{body}") == "4\n5\n"; });
}

TEST_F(WireDoor, APublisherGoesOnOverRestartsOfTheAgent) {
  auto pub = agent.shell.start("exec hubbub pub stream");
  std::string all;
  for (int number = 1; number <= 3000; ++number) {
    const auto line = std::to_string(number) + "\n";
    pub.feed(line);
    all += line;
    if (number % 1000 != 0) continue;
    EXPECT_EQ(agent.stop(), 0);
    agent.start();
    agent.wait_for_hub();
  }
  pub.close_input();
  EXPECT_EQ(pub.wait(), 0) << pub.err();
  EXPECT_EQ(agent.said("stream", "{body}"), all);
}

std::string numbers(int first, int last) {
  std::string lines;
  for (int number = first; number <= last; ++number) lines += std::to_string(number) + "\n";
  return lines;
}

TEST_F(WireDoor, APublisherGoesOnStraightToTheHubOnceTheAgentIsGone) {
  auto pub = agent.shell.start("exec hubbub pub stream");
  pub.feed(numbers(1, 3));
  wait_until("it is there", [&] { return agent.said("stream", "{body}") == numbers(1, 3); });
  pub.feed(numbers(4, 1000));
  EXPECT_EQ(agent.stop(), 0);
  pub.feed(numbers(1001, 2000));
  pub.wait_for_err("connection lost: the agent is ending; trying again");
  pub.wait_for_err("the agent is gone; going on straight to the hub");
  pub.feed(numbers(2001, 3000));
  pub.close_input();
  EXPECT_EQ(pub.wait(), 0) << pub.err();
  EXPECT_EQ(agent.said("stream", "{body}"), numbers(1, 3000));
  EXPECT_EQ(run("hubbub outbox").out, "");
}

TEST_F(WireDoor, APublisherWhoseAgentAndHubAreGoneQueuesWhatItSays) {
  auto pub = agent.shell.start("exec hubbub pub stream --timeout 3s");
  pub.feed(numbers(1, 3));
  wait_until("that is said", [&] { return agent.said("stream", "{body}") == numbers(1, 3); });
  agent.stop();
  agent.shell.hub().pause();
  pub.feed(numbers(4, 2000));
  pub.wait_for_err("going on straight to the hub");
  pub.close_input();
  EXPECT_EQ(pub.wait(), 0) << pub.err();
  EXPECT_THAT(pub.err(), HasSubstr("queued 1997 messages"));
  agent.shell.hub().signal(SIGCONT);
  EXPECT_EQ(run("hubbub outbox send").code, 0);
  EXPECT_EQ(agent.said("stream", "{body}"), numbers(1, 2000));
}

TEST_F(WireDoor, ASubscriberGoesOnStraightToTheHubOnceTheAgentIsGone) {
  const auto sub = agent.shell.start_sub("ops");
  run("hubbub pub ops -m before");
  sub.wait_for_out("before\n");
  agent.stop(SIGKILL);
  run("hubbub pub ops -m meanwhile");
  sub.wait_for_err("connected again");
  run("hubbub pub ops -m after");
  sub.wait_for_out("before\nmeanwhile\nafter\n");
  EXPECT_EQ(sub.out(), "before\nmeanwhile\nafter\n");
  const auto told = sub.err().find("the agent is gone");
  EXPECT_NE(told, std::string::npos);
  EXPECT_EQ(told, sub.err().rfind("the agent is gone")) << "once";
}

TEST_F(WireDoor, LeavingARoomEndsNobodyElsesSubscription) {
  const auto sub = agent.shell.start_sub("ops");
  EXPECT_NE(run("hubbub part ops").code, 127);  // no member: refused, and yet the hub has ended the subscription
  run("hubbub pub ops -m one --no-agent");
  sub.wait_for_out("one\n");
  EXPECT_EQ(run("hubbub join ops && hubbub part ops").code, 0);
  run("hubbub pub ops -m two --no-agent");
  sub.wait_for_out("one\ntwo\n");
}

TEST_F(WireDoor, BehindTheEndOfARoomIsItsEnd) {
  run("seq 10 | hubbub pub ops --no-agent");
  const auto sub = agent.shell.start_sub("ops --from 1000");
  run("hubbub pub ops -m next --no-agent");
  sub.wait_for_out("next\n");
}

TEST_F(WireDoor, ARoomThatIsNewIsReadFromItsBeginning) {
  const auto sub = agent.shell.start_sub("'new.>' --from 100");
  run("seq 3 | hubbub pub new.room --no-agent");
  sub.wait_for_out("1\n2\n3\n");
}

TEST_F(WireDoor, HearsSomebodyWhoHasTakenAnotherName) {
  const auto as_bob = "XDG_STATE_HOME=" + agent.shell.path("bob") + " hubbub --name bob ";
  auto bob = agent.shell.start(as_bob + "sub lobby");  // stays there
  const auto sub = agent.shell.start_sub("'@*'");
  wait_until("bob is there", [&] { return run(as_bob + "say @alice one").code == 0; });
  sub.wait_for_out("one\n");
  EXPECT_EQ(run(as_bob + "call people.rename to=rob").code, 0);
  EXPECT_EQ(run("XDG_STATE_HOME=" + agent.shell.path("bob") + " hubbub --name rob say @alice two").code, 0);
  sub.wait_for_out("one\ntwo\n");
}

TEST_F(WireDoor, WhatASubExecutesKnowsTheHub) {
  auto sub = agent.shell.start_sub("ops -n 1 --exec 'echo $HUBBUB_URL'");
  run("hubbub pub ops -m x");
  EXPECT_EQ(sub.wait(), 0);
  EXPECT_EQ(sub.out(), agent.shell.hub().url() + "\n");
}

TEST_F(WireDoor, GarbageIsToldAndEndsTheConnection) {
  EXPECT_THAT(run("printf '\\001\\004\\000\\000GET ' | python3 -c 'import socket,sys; "
                  "s=socket.socket(socket.AF_UNIX); s.connect(\"" +
                  agent.socket() + "\"); s.sendall(sys.stdin.buffer.read()); print(s.recv(4096))' || echo not_hubbub")
                  .out,
              HasSubstr("hubbub"));
}

}  // namespace
}  // namespace hubbub::test
