// How an agent begins, is found, and ends.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tests/integration/agent/an_agent.hpp"

namespace hubbub::test {
namespace {

using testing::HasSubstr;

class AgentLife : public testing::Test {
 protected:
  AgentLife() {
    shell.environment["HUBBUB_NAME"] = "alice";
    shell.environment["LC_ALL"] = "C";
  }
  ~AgentLife() override { shell.run("hubbub agent stop"); }
  Json status() { return Json::parse(shell.run("hubbub agent status --json").out); }
  std::string folder() {
    const auto& url = shell.hub().url();
    return shell.path("run/hubbub/127.0.0.1-") + url.substr(url.rfind(':') + 1);
  }
  bool is_there(const std::string& name) { return std::filesystem::exists(folder() + "/" + name); }
  Shell shell;
};

TEST_F(AgentLife, StartsInTheBackgroundAndStops) {
  EXPECT_EQ(shell.run("hubbub agent start").code, 0);
  EXPECT_EQ(status()["name"], "alice");
  EXPECT_EQ(status()["hub"], shell.hub().url());
  EXPECT_THAT(shell.run("hubbub agent status").out, HasSubstr("spool"));
  EXPECT_EQ(shell.run("hubbub agent stop").code, 0);
  EXPECT_FALSE(is_there("sock"));
  EXPECT_FALSE(is_there("lock"));
  EXPECT_EQ(shell.run("hubbub agent status").code, 69);
}

TEST_F(AgentLife, GivesBackTheMemoryThatOnlyItsStartNeeded) {
  shell.run("hubbub agent start");
  const int pid = status()["pid"];
  const auto kb = [pid](const std::string& name) {
    const auto text = read_file("/proc/" + std::to_string(pid) + "/status");
    return std::stoul(text.substr(text.find(name + ":") + name.size() + 1));
  };
  const auto text = kb("VmExe") + kb("VmLib");  // a start touches nearly all of it
  wait_until("little of it is resident", [&] { return kb("RssFile") < text / 2; });
  EXPECT_EQ(status()["name"], "alice") << "and what it needs again is there again";
}

TEST_F(AgentLife, TellsWhereItIsForAShell) {
  shell.run("hubbub agent start");
  EXPECT_EQ(shell.run("eval \"$(hubbub agent env)\"; echo $HUBBUB_SOCK; test -S $HUBBUB_SOCK").out,
            folder() + "/sock\n");
}

TEST_F(AgentLife, ThereIsOneHoweverManyAreStartedAtOnce) {
  EXPECT_EQ(shell.run("for i in 1 2 3 4 5 6 7 8; do hubbub agent start & done; wait").code, 0);
  const int pid = status()["pid"];
  const auto again = shell.run("hubbub agent run");
  EXPECT_EQ(again.code, 75);
  EXPECT_THAT(again.err, HasSubstr("running already"));
  EXPECT_EQ(status()["pid"], pid);
}

TEST_F(AgentLife, IsFoundByAllWhoStartItAtOnce) {
  const auto ran = shell.run("for i in 1 2 3 4 5 6; do (hubbub agent start || echo failed) & done; wait");
  EXPECT_EQ(ran.out, "");
}

TEST_F(AgentLife, IsNotHinderedByWhoLooksWhetherItRuns) {
  auto lookers = shell.start("while :; do hubbub agent status >/dev/null 2>&1; done");
  for (int i = 0; i < 10; ++i) {
    ASSERT_EQ(shell.run("hubbub agent start").code, 0);
    ASSERT_EQ(shell.run("hubbub agent stop").code, 0);
  }
}

TEST_F(AgentLife, HoldsNothingThatItsStarterHolds) {
  EXPECT_EQ(shell.run("exec 9>held; flock 9; hubbub agent start; exec 9>&-; flock -n held true").code, 0);
  EXPECT_EQ(shell.run("(hubbub agent start; echo done) | cat").out, "done\n");  // and no pipe
}

TEST_F(AgentLife, AnotherHubsIsNotMeant) {
  shell.run("hubbub agent start");
  const int pid = status()["pid"];
  const auto elsewhere = shell.run("eval \"$(hubbub agent env)\"; hubbub --hub tcp://127.0.0.1:1 agent stop");
  EXPECT_EQ(elsewhere.code, 69);
  EXPECT_EQ(shell.run("eval \"$(hubbub agent env)\"; HUBBUB_URL=tcp://127.0.0.1:1 hubbub who").code, 69);
  EXPECT_EQ(status()["pid"], pid);
}

TEST_F(AgentLife, WhatAKilledOneLeftIsNoHindrance) {
  shell.run("hubbub agent start");
  const int pid = status()["pid"];
  ASSERT_EQ(::kill(pid, SIGKILL), 0);
  wait_until("it is gone", [&] { return ::kill(pid, 0) != 0; });
  EXPECT_TRUE(is_there("sock"));
  EXPECT_EQ(shell.run("hubbub pub ops -m 'without it'").code, 0);  // it isn't found by what it left
  EXPECT_EQ(shell.run("hubbub agent start").code, 0);
  EXPECT_NE(status()["pid"], pid);
}

TEST_F(AgentLife, RunsWithoutAHubAndTellsWhy) {
  shell.hub().stop();
  EXPECT_EQ(shell.run("hubbub agent start").code, 0);
  wait_until("it has tried", [&] { return status().contains("trouble"); });
  EXPECT_FALSE(status()["online"]);
  EXPECT_THAT(shell.run("hubbub agent status").out, HasSubstr("away"));
}

TEST_F(AgentLife, ItsFolderIsTheUsersAlone) {
  shell.run("hubbub agent start");
  struct stat found {};
  ASSERT_EQ(::stat(folder().c_str(), &found), 0);
  EXPECT_EQ(found.st_mode & 0777, 0700u);
  ASSERT_EQ(::stat((folder() + "/sock").c_str(), &found), 0);
  EXPECT_EQ(found.st_mode & 0777, 0600u);
}

TEST_F(AgentLife, RefusesAFolderThatOthersMayWriteTo) {
  std::filesystem::create_directories(shell.path("run/hubbub"));
  ::chmod(shell.path("run/hubbub").c_str(), 0777);
  const auto ran = shell.run("hubbub agent start");
  EXPECT_EQ(ran.code, 69);
  EXPECT_THAT(ran.err, HasSubstr("is open to other users"));
}

TEST_F(AgentLife, RefusesASymbolicLinkInItsWay) {
  std::filesystem::create_directories(shell.path("elsewhere"));
  std::filesystem::create_directory_symlink(shell.path("elsewhere"), shell.path("run/hubbub"));
  const auto ran = shell.run("hubbub agent start");
  EXPECT_EQ(ran.code, 69);
  EXPECT_THAT(ran.err, HasSubstr("is a symbolic link"));
}

TEST_F(AgentLife, ComesBackIntoAFolderThatWasDeleted) {
  shell.run("hubbub agent start");
  const int pid = status()["pid"];
  std::filesystem::rename(folder(), shell.path("gone"));  // at once, or it is restored between
  wait_until("its socket is there again",
             [&] { return is_there("sock") && shell.run("hubbub agent status").code == 0; });
  EXPECT_EQ(status()["pid"], pid);
  EXPECT_EQ(shell.run("hubbub agent run").code, 75);  // and it is still the only one
}

TEST_F(AgentLife, AnotherUserIsKeptOut) {
  if (::geteuid() != 0) GTEST_SKIP() << "only root can be another user";
  shell.run("hubbub agent start");
  ASSERT_EQ(::chmod(shell.path("").c_str(), 0755), 0);
  ASSERT_EQ(::chmod(shell.path("run").c_str(), 0755), 0);
  const auto as_nobody = [&](const std::string& command) {
    return shell.run("exec setpriv --reuid 65534 --regid 65534 --clear-groups " + command);
  };
  EXPECT_THAT(as_nobody("cat " + folder() + "/lock").err, HasSubstr("Permission denied"));
  EXPECT_NE(as_nobody("test -S " + folder() + "/sock").code, 0);
}

TEST_F(AgentLife, TakesASocketThatAServiceManagerHasMade) {
  const auto ran = shell.run(
      "python3 - <<'E'\nimport os,socket,time,subprocess\n"
      "os.makedirs('" +
      folder() +
      "', 0o700)\n"
      "os.chmod('" +
      shell.path("run/hubbub") +
      "', 0o700)\n"
      "s=socket.socket(socket.AF_UNIX); s.bind('" +
      folder() +
      "/sock'); s.listen(5)\n"
      "pid=os.fork()\n"
      "if pid==0:\n"
      "  os.dup2(s.fileno(),3); os.set_inheritable(3,True)\n"
      "  os.environ['LISTEN_PID']=str(os.getpid()); os.environ['LISTEN_FDS']='1'\n"
      "  os.execvp('hubbub',['hubbub','agent','run'])\n"
      "c=socket.socket(socket.AF_UNIX); c.connect('" +
      folder() +
      "/sock')\n"
      "c.sendall(b'{\"op\":\"stop\"}\\n'); print(c.makefile().read())\n"
      "print(os.waitstatus_to_exitcode(os.waitpid(pid,0)[1]), os.path.exists('" +
      folder() +
      "/sock'))\n"
      "E\n");
  if (ran.code == 127) GTEST_SKIP() << "there is no python3 here";
  EXPECT_THAT(ran.out, HasSubstr("\"done\":true"));
  EXPECT_THAT(ran.out, HasSubstr("0 True"));
}

}  // namespace
}  // namespace hubbub::test
