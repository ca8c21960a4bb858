// What is said later, and last wills, as a user types them.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/integration/cli/shell.hpp"

namespace hubbub::test {
namespace {

using testing::HasSubstr;
using testing::MatchesRegex;

class SaidLater : public testing::Test {
 protected:
  SaidLater() {
    shell.environment["HUBBUB_URL"] = hub.url();
    shell.environment["HUBBUB_NAME"] = "alice";
  }
  std::string said(const std::string& room = "ops") {
    return shell.run("hubbub history " + room + " --all -F '{from}: {body}'").out;
  }
  Shell shell;
  HubProcess hub{{"--data", shell.path("data")}};
};

TEST_F(SaidLater, IsShownWithItsIdAndSaidInItsTime) {
  const auto taken = shell.run("hubbub pub ops --delay 500ms -m hi");
  EXPECT_EQ(taken.code, 0) << taken.err;
  EXPECT_THAT(taken.out, MatchesRegex("1  20..-..-.. ..:..:..\n"));
  wait_until("it is said", [&] { return said() == "~alice: hi\n"; });
}

TEST_F(SaidLater, IsListedAndCancelled) {
  EXPECT_EQ(shell.run("printf 'one\\ntwo\\n' | hubbub pub ops --delay 2h").code, 0);
  EXPECT_EQ(shell.run("hubbub pub @alice --at \"$(date -d '2 days' +%Y-%m-%d) 18:00\" -m merry").code, 0);
  const auto list = shell.run("hubbub later");
  EXPECT_THAT(list.out, MatchesRegex("1  .*  #ops +one\n2  .*  #ops +two\n3  .* 18:00:00  @alice  merry\n"));
  EXPECT_EQ(shell.run("hubbub later cancel 1 3").code, 0);
  EXPECT_THAT(shell.run("hubbub later list --json").out,
              MatchesRegex("\\{\"id\":2,\"at\":\".*\",\"room\":\"ops\",\"kind\":\"text\",.*\"body\":\"two\".*\\}\n"));
  const auto gone = shell.run("hubbub later cancel 1 2");
  EXPECT_EQ(gone.code, 65);
  EXPECT_THAT(gone.err, HasSubstr("1: nothing of yours waits under this number"));
  EXPECT_EQ(shell.run("hubbub later").out, "") << "the other one was cancelled all the same";
}

TEST_F(SaidLater, SaysWhatMakesNoSense) {
  for (const auto* const line :
       {"hubbub pub ops -m x --delay 1s --at 15:30", "hubbub pub ops -m x --delay 1s --no-ack",
        "hubbub pub ops -m x --delay 1s --trace", "hubbub pub ops -m x --at 2001-01-01", "hubbub later cancel",
        "hubbub later list 7", "hubbub later cancel x", "hubbub later cancel 7 --json", "hubbub sub ops --will ops",
        "hubbub sub ops --ring --will ops:x"})
    EXPECT_EQ(shell.run(line).code, 64) << line;
  EXPECT_EQ(shell.run("hubbub pub ops --delay 20000d -m x").code, 65) << "that is for the hub to find";
}

TEST_F(SaidLater, NeedsAHubThatKeepsSomething) {
  HubProcess forgetful({"--data", "none"});
  shell.environment["HUBBUB_URL"] = forgetful.url();
  const auto refused = shell.run("hubbub pub ops --delay 1s -m x");
  EXPECT_THAT(refused.err, HasSubstr("this hub keeps nothing on a disk"));
  EXPECT_NE(refused.code, 0);
}

using WillsFromTheShell = SaidLater;

TEST_F(WillsFromTheShell, OfARunThatIsKilledTellsWhatHasVanished) {
  Job run = shell.start("exec hubbub run ops -- sh -c 'echo ready; exec sleep 600'");
  run.wait_for_out("ready");
  wait_until("it is online", [&] { return said().find("started") != std::string::npos; });
  shell.run("hubbub ping -c 1");
  run.signal_alone(SIGKILL);
  run.wait();
  wait_until("it is told", [&] { return said().find("~alice: vanished: sh -c ") != std::string::npos; });
  EXPECT_EQ(shell.run("hubbub history ops --all -F '{header:run}'").out, "start\nvanished\n");
}

TEST_F(WillsFromTheShell, OfARunThatEndsAreTakenBack) {
  EXPECT_EQ(shell.run("hubbub run ops -- true").code, 0);
  Job run = shell.start("exec hubbub run --no-will ops -- sh -c 'echo ready; exec sleep 600'");
  run.wait_for_out("ready");
  wait_until("it is online", [&] { return shell.run("hubbub history ops --all -F x").out == "x\nx\nx\n"; });
  run.signal_alone(SIGKILL);
  run.wait();
  Job later = shell.start("exec hubbub sub nothing --will ops:later --ready-file left");
  wait_until("it has left its will", [&] { return !read_file(shell.path("left")).empty(); });
  later.signal_alone(SIGKILL);
  later.wait();
  wait_until("a later one is posted", [&] { return said().find("later") != std::string::npos; });
  EXPECT_EQ(said().find("vanished"), std::string::npos);
}

TEST_F(WillsFromTheShell, OfASubThatIsEndedAreTakenBack) {
  for (const int number : {SIGINT, SIGTERM, SIGKILL}) {
    const auto ready = "ready" + std::to_string(number);
    Job sub = shell.start("exec hubbub sub ops --will ops:" + std::to_string(number) + " --ready-file " + ready);
    wait_until("it has left its will", [&] { return !read_file(shell.path(ready)).empty(); });
    sub.signal_alone(number);
    sub.wait();
  }
  wait_until("the last is told", [&] { return said().find(": 9\n") != std::string::npos; });
  EXPECT_EQ(said(), "~alice: 9\n");
}

}  // namespace
}  // namespace hubbub::test
