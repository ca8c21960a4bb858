// However the terminal client ends or pauses, the terminal is as it was.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fcntl.h>
#include <stdlib.h>

#include "tests/e2e/tui/people.hpp"

namespace hubbub::test {

Home::Home() : path_(std::filesystem::temp_directory_path() / "hubbub-home-XXXXXX") {
  if (::mkdtemp(path_.data()) == nullptr) throw Failure("no temporary folder can be made");
}

Home::~Home() {
  std::error_code ignored;
  std::filesystem::remove_all(path_, ignored);
}

namespace {

using testing::HasSubstr;

// What a shell needs: lines and echo, the first screen, a cursor.
void expect_given_back(const TerminalProgram& program) {
  EXPECT_FALSE(program.screen().on_alternate_screen());
  EXPECT_TRUE(program.screen().cursor_visible());
  const auto mode = program.mode();
  EXPECT_TRUE(mode.c_lflag & ICANON);
  EXPECT_TRUE(mode.c_lflag & ECHO);
  EXPECT_TRUE(mode.c_lflag & ISIG);
  EXPECT_TRUE(mode.c_oflag & OPOST);
  EXPECT_TRUE(mode.c_iflag & ICRNL);
}

class Ending : public testing::TestWithParam<int> {};

TEST_P(Ending, BySignalGivesTheTerminalBack) {
  HubProcess hub;
  Client alice(hub.url(), "alice");
  alice.wait_until_in("lobby");
  EXPECT_TRUE(alice.screen().on_alternate_screen());
  EXPECT_FALSE(alice.mode().c_lflag & ICANON);
  alice.signal(GetParam());
  EXPECT_EQ(alice.wait(), 128 + GetParam());
  expect_given_back(alice);
}

INSTANTIATE_TEST_SUITE_P(Signals, Ending,
                         testing::Values(SIGTERM, SIGINT, SIGHUP, SIGSEGV, SIGABRT, SIGBUS, SIGQUIT, SIGUSR1),
                         [](const auto& number) { return std::string(::sigabbrev_np(number.param)); });

TEST(Ending, BySignalSaysWhatIsQueued) {
  HubProcess hub;
  Client alice(hub.url(), "alice");
  alice.wait_until_in("lobby");
  hub.stop(SIGKILL);
  alice.wait_for("OFFLINE");
  alice.enter("one");
  alice.enter("two");
  alice.wait_for("two …");
  alice.signal(SIGTERM);
  EXPECT_EQ(alice.wait(), 128 + SIGTERM);
  EXPECT_THAT(alice.screen().text(), HasSubstr("hubbub: queued 2 messages; the next hubbub sends them"));
  expect_given_back(alice);
}

TEST(Ending, ByAKillLosesNothingThatWasTyped) {
  const Home home;
  const auto address = "unix://" + home.path() + "/hub.sock";
  {
    Client alice(home, address, "alice");
    alice.wait_for("OFFLINE");
    alice.enter("typed in vain?");
    alice.wait_for("vain? …");
    alice.signal(SIGKILL);
    alice.wait();
  }
  const HubProcess hub({"--listen", address});
  Client alice(home, address, "alice");
  alice.wait_until_in("lobby");
  WireClient bob(hub.url());
  bob.greet("bob");
  wait_until("it is in the room", [&] {
    return bob.call(proto::RoomHistory{RoomName::literal("lobby"), {}, 1})->last == Seq{1};
  });
}

TEST(Ending, WhenTheTerminalGoesAway) {
  HubProcess hub;
  Client alice(hub.url(), "alice");
  alice.wait_until_in("lobby");
  alice.hang_up();
  EXPECT_EQ(alice.wait(), 128 + SIGHUP);
}

TEST(Ending, ByQuitGivesTheTerminalBack) {
  HubProcess hub;
  Client alice(hub.url(), "alice");
  alice.wait_until_in("lobby");
  alice.enter("/quit");
  EXPECT_EQ(alice.wait(), 0);
  expect_given_back(alice);
}

TEST(Ending, ByCtrlCTwiceOnAnEmptyLine) {
  HubProcess hub;
  Client alice(hub.url(), "alice");
  alice.wait_until_in("lobby");
  alice.type("half a line");
  alice.wait_for("> half a line");
  alice.type("\x03");
  alice.wait_until_gone("half a line");
  alice.type("\x03");
  alice.wait_for("Ctrl+C again leaves");
  alice.type("\x03");
  EXPECT_EQ(alice.wait(), 0);
  expect_given_back(alice);
}

TEST(Ending, WhileTheHubIsAwayIsQuickAndClean) {
  HubProcess hub;
  Client alice(hub.url(), "alice");
  alice.wait_until_in("lobby");
  hub.stop(SIGKILL);
  alice.wait_for("OFFLINE");
  alice.enter("/quit");
  EXPECT_EQ(alice.wait(), 0);
  expect_given_back(alice);
}

TEST(Ending, WithoutATerminalItCanUseSaysSo) {
  TerminalProgram dumb({"hubbub"}, {24, 80, {{"TERM", "dumb"}}});
  EXPECT_EQ(dumb.wait(), 69);
  EXPECT_THAT(dumb.screen().text(), HasSubstr("can't show a screen"));
}

TEST(Ending, LeavesTheShellsDescriptorsAsTheyWere) {
  HubProcess hub;
  Home home;
  const std::string client = std::string(HUBBUB_BIN_DIR) + "/hubbub --hub " + hub.url() + " --name alice";
  TerminalProgram shell(
      {"/bin/sh", "-c", client + "; grep flags /proc/self/fdinfo/0; echo done"},
      {24, 80, {{"HOME", home.path()}, {"XDG_CONFIG_HOME", home.path()}, {"XDG_STATE_HOME", home.path()}}});
  shell.wait_for("online");
  shell.type("/quit\r");
  shell.wait_for("done");
  const auto row = shell.screen().row(shell.row_of("flags:"));
  const auto flags = std::stoul(row.substr(row.find_last_of(" :") + 1), nullptr, 8);
  EXPECT_EQ(flags & O_NONBLOCK, 0u) << row;
}

// A shell with job control, as people have it.
class UnderAShell : public testing::Test {
 protected:
  UnderAShell()
      : shell({"/bin/bash", "--norc", "--noprofile", "-i"}, {24,
                                                             80,
                                                             {{"PS1", "shell> "},
                                                              {"HOME", home.path()},
                                                              {"XDG_CONFIG_HOME", home.path()},
                                                              {"XDG_STATE_HOME", home.path()}}}) {
    shell.wait_for("shell>");
    shell.type(std::string("clear; ") + HUBBUB_BIN_DIR + "/hubbub --hub " + hub.url() + " --name alice\r");
    shell.wait_for("online");
  }
  HubProcess hub;
  Home home;
  TerminalProgram shell;
};

TEST_F(UnderAShell, CtrlZSuspendsAndFgComesBack) {
  shell.type("unfinished");
  shell.wait_for("> unfinished");
  shell.type("\x1a");
  shell.wait_for("Stopped");
  EXPECT_FALSE(shell.screen().on_alternate_screen());
  shell.type("fg\r");
  shell.wait_for("#lobby > unfinished");
  EXPECT_TRUE(shell.screen().on_alternate_screen());
  shell.type(" business\r");
  shell.wait_for("<~alice> unfinished business");
  shell.type("/quit\r/quit\r");  // the first may come before the hub has the message
  shell.wait_until_seen("the shell's screen", [](const VirtualScreen& seen) { return !seen.on_alternate_screen(); });
  shell.type("exit\r");
  EXPECT_EQ(shell.wait(), 0);
}

TEST_F(UnderAShell, ComesBackFromAStopThatNobodyAnnounced) {
  shell.type("unfinished");
  shell.wait_for("> unfinished");
  const auto client = std::stoi(
      read_file("/proc/" + std::to_string(shell.pid()) + "/task/" + std::to_string(shell.pid()) + "/children"));
  ::kill(client, SIGSTOP);
  shell.wait_for("Stopped");
  shell.type("fg\r");
  shell.wait_until_gone("Stopped");  // painted over
  shell.wait_for("#lobby > unfinished");
  shell.type(" business\r");
  shell.wait_for("<~alice> unfinished business");
}

TEST_F(UnderAShell, ASizeThatChangedMeanwhileIsNoticed) {
  shell.type("\x1a");
  shell.wait_for("Stopped");
  shell.resize(10, 60);
  shell.type("fg\r");
  shell.wait_until_seen("ten rows", [](const VirtualScreen& seen) { return seen.row(9).find("#lobby >") == 0; });
}

}  // namespace
}  // namespace hubbub::test
