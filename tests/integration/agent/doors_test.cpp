// The doors of a real agent: what goes in at one comes out at the others, and in the rooms.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <mqueue.h>

#include "tests/integration/agent/an_agent.hpp"

namespace hubbub::test {
namespace {

using testing::HasSubstr;

class Doors : public testing::Test {
 protected:
  Doors() {
    agent.wait_for_hub();
    run("hubbub join ops");
    wait_until("the room's files are there", [&] { return std::filesystem::exists(rooms() + "/ops/in"); });
  }
  Ran run(const std::string& line, std::string_view input = {}) { return agent.shell.run(line, input); }
  Ran run_as_bob(const std::string& words) {
    return run("XDG_STATE_HOME=" + agent.shell.path("bob") + " hubbub --name bob " + words);
  }
  [[nodiscard]] std::string rooms() const { return agent.folder() + "/rooms"; }
  void wait_until_said(const std::string& what) {
    wait_until([&] { return "it is said: " + agent.said("ops", "{body}"); },
               [&] { return agent.said("ops", "{body}").find(what) != std::string::npos; });
  }
  Json board() { return Json::parse(run("hubbub board --json").out); }
  AnAgent agent;
};

TEST_F(Doors, ALineIntoAFifoIsSaidAndComesOutOfAFile) {
  EXPECT_EQ(run("echo 'backup done' > " + rooms() + "/ops/in").code, 0);
  wait_until_said("backup done");
  wait_until("it is in the file",
             [&] { return read_file(rooms() + "/ops/out").find("~alice backup done\n") != std::string::npos; });
}

TEST_F(Doors, FilesTellTopicAndMembers) {
  run("hubbub topic ops 'all well'");
  run_as_bob("join ops");
  wait_until("topic and members are told", [&] {
    return read_file(rooms() + "/ops/topic") == "all well\n" &&
           read_file(rooms() + "/ops/members").find("bob ") != std::string::npos;
  });
}

TEST_F(Doors, RoomsComeAndGoWithMembership) {
  run("hubbub join ci.main --no-agent");  // from elsewhere: found by asking now and then
  wait_until("it is there", [&] { return std::filesystem::exists(rooms() + "/ci.main/in"); });
  run("hubbub part ci.main");
  wait_until("it is gone", [&] { return !std::filesystem::exists(rooms() + "/ci.main"); });
}

TEST_F(Doors, WhatChangedWhileTheHubWasAwayIsTold) {
  run_as_bob("join ops");
  wait_until("bob is told", [&] { return read_file(rooms() + "/ops/members").find("bob ") != std::string::npos; });
  agent.shell.hub().stop();
  agent.job().wait_for_err("the hub is away");
  agent.shell.hub().start_again();  // which knows of no room any more
  wait_until("the room is gone", [&] { return !std::filesystem::exists(rooms() + "/ops/in"); });
  run("hubbub join ops && hubbub topic ops 'begun anew'");
  wait_until("it is there again", [&] { return read_file(rooms() + "/ops/topic") == "begun anew\n"; });
  EXPECT_EQ(read_file(rooms() + "/ops/members").find("bob "), std::string::npos);
}

TEST_F(Doors, TheBoardShowsWhatIsUnreadAndWhoIsHere) {
  run_as_bob("join ops");
  run_as_bob("pub ops -m 'alice: look'");
  Json now;
  wait_until([&] { return "the board shows it: " + now.dump(); },
             [&] { return (now = board()).value("unread", 0) == 1 && now.value("mentions", 0) == 1; });
  EXPECT_THAT(run("hubbub board").out, HasSubstr("ops"));
  EXPECT_EQ(run("hubbub call cursor.set room=ops consumer= seq=1").code, 0);
  wait_until("it is read", [&] { return board().value("unread", 1) == 0; });
}

TEST_F(Doors, AStatusBarIsPoked) {
  auto bar = agent.shell.start("trap 'echo poked' USR1; echo ready $$; while :; do sleep 0.05; done");
  bar.wait_for_out("\n");
  const auto pid = bar.out().substr(std::string("ready ").size());
  EXPECT_EQ(run("hubbub poke --signal USR1 --on unread --pid " + pid).code, 0);
  run_as_bob("pub ops -m hello");
  bar.wait_for_out("poked");
  EXPECT_THAT(run("hubbub poke --signal KILL --pid " + pid).err, HasSubstr("KILL"));
  EXPECT_NE(run("hubbub poke --signal USR1 --pid 4194304").code, 0);
}

TEST_F(Doors, AnAlarmGoesThroughTheQueue) {
  EXPECT_EQ(run("hubbub say --priority alarm ops 'the disk is full'").code, 0);
  wait_until_said("the disk is full");
  EXPECT_EQ(agent.said("ops", "{header:priority} {body}"), "alarm the disk is full\n");
}

TEST_F(Doors, AHookRunsForAMention) {
  std::filesystem::create_directories(agent.shell.path("config/hubbub"));
  write_file(agent.shell.path("config/hubbub/config.toml"),
             "[[hook]]\non = \"mention\"\nrun = [\"sh\", \"-c\", \"cat > " + agent.shell.path("heard") + "\"]\n");
  agent.job().signal_alone(SIGHUP);
  agent.job().wait_for_err("read the configuration again");
  run_as_bob("pub ops -m 'nothing to do with it'");
  run_as_bob("pub ops -m 'alice, come'");
  wait_until("the hook has run", [&] { return read_file(agent.shell.path("heard")) == "alice, come"; });
}

TEST_F(Doors, AHookThatIsKeptReadsTheEndOfItsInputWhenTheAgentIsKilled) {
  std::filesystem::create_directories(agent.shell.path("config/hubbub"));
  write_file(agent.shell.path("config/hubbub/config.toml"),
             "[[hook]]\non = \"message\"\nkeep = true\nrun = [\"sh\", \"-c\", \"echo $$ > " +
                 agent.shell.path("begun") + "; cat > /dev/null; touch " + agent.shell.path("ended") + "\"]\n");
  agent.job().signal_alone(SIGHUP);
  wait_until("it runs", [&] { return std::filesystem::exists(agent.shell.path("begun")); });
  agent.stop(SIGKILL);
  wait_until("it has ended", [&] { return std::filesystem::exists(agent.shell.path("ended")); });
  agent.start();
}

TEST_F(Doors, ABadConfigurationIsToldAndChangesNothing) {
  std::filesystem::create_directories(agent.shell.path("config/hubbub"));
  write_file(agent.shell.path("config/hubbub/config.toml"), "[[hook]]\non = \"never\"\n");
  agent.job().signal_alone(SIGHUP);
  agent.job().wait_for_err("the configuration stays as it was");
  EXPECT_EQ(run("hubbub pub ops -m 'still here'").code, 0);
}

TEST_F(Doors, WhatItMadeGoesAwayWithTheAgent) {
  const auto page = run("hubbub board --path").out;
  EXPECT_TRUE(std::filesystem::exists(page.substr(0, page.size() - 1)));
  EXPECT_EQ(agent.stop(), 0);
  EXPECT_FALSE(std::filesystem::exists(page.substr(0, page.size() - 1)));
  EXPECT_FALSE(std::filesystem::exists(rooms()));
  EXPECT_FALSE(std::filesystem::exists(agent.socket()));
  EXPECT_EQ(::mq_open(agent.shell.queue_name().c_str(), O_RDONLY), -1);
  agent.start();
}

TEST_F(Doors, TheBoardIsMadeAnewWhereItWasTakenAwayAndWhatIsInItsWayIsToldOnce) {
  auto page = run("hubbub board --path").out;
  page.pop_back();
  std::filesystem::remove(page);
  agent.job().wait_for_err("the board was taken away; made it anew");
  EXPECT_TRUE(std::filesystem::is_regular_file(page));
  const auto other = agent.shell.path("other");
  write_file(other, "precious");
  std::filesystem::create_symlink(other, page + ".new");
  std::filesystem::rename(page + ".new", page);
  agent.job().wait_for_err("nobody can read the board");
  EXPECT_TRUE(std::filesystem::is_symlink(page));
  EXPECT_EQ(read_file(other), "precious");
  std::filesystem::remove(page);
  wait_until("it is there again", [&] { return std::filesystem::is_regular_file(page); });
  const auto log = agent.log();
  EXPECT_EQ(log.find("nobody can read the board"), log.rfind("nobody can read the board"));
}

TEST_F(Doors, TheQueueStaysTheAgentsThoughTheWholeFolderIsDeleted) {
  std::filesystem::rename(agent.shell.path("run/hubbub"),
                          agent.shell.path("gone"));  // at once, or it is restored between
  agent.job().wait_for_err("the lock of the message queue was taken away; made it anew");
  agent.job().wait_for_err("the agent's folder was emptied; made it anew");
  const std::string another = "HUBBUB_URL=tcp://127.0.0.1:1 hubbub agent ";
  EXPECT_EQ(run(another + "start").code, 0);
  EXPECT_THAT(run(another + "status").out, HasSubstr("closed    the queue"));
  EXPECT_EQ(run(another + "stop").code, 0);
  EXPECT_EQ(run("hubbub say --priority alarm ops 'still through the queue'").code, 0);
  wait_until_said("still through the queue");
}

TEST_F(Doors, WhatAKilledAgentLeftIsTakenOver) {
  agent.stop(SIGKILL);
  EXPECT_TRUE(std::filesystem::exists(rooms() + "/ops/in"));
  auto writer = agent.shell.start("echo 'said to nobody' > " + rooms() + "/ops/in");  // waits for a reader
  EXPECT_EQ(run("HUBBUB_SOCK= hubbub say --priority high ops 'queued for the next'").code, 0);
  agent.start();
  EXPECT_EQ(writer.wait(), 0);
  wait_until_said("said to nobody");
  wait_until_said("queued for the next");
  wait_until("the board is a new one", [&] { return board().contains("unread"); });
}

TEST_F(Doors, ADoorThatCannotBeOpenedIsToldAndTheOthersAreThere) {
  agent.stop();
  std::filesystem::create_directories(agent.shell.path("elsewhere"));
  std::filesystem::create_directory_symlink(agent.shell.path("elsewhere"), rooms());
  agent.start();
  EXPECT_THAT(run("hubbub agent status").out, HasSubstr("closed    the tree"));
  EXPECT_EQ(run("hubbub pub ops -m 'through the socket'").code, 0);
  wait_until("the board is there", [&] { return board().contains("unread"); });
}

}  // namespace
}  // namespace hubbub::test
