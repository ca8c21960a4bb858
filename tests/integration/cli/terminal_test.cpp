// What changes when stdout is a terminal.
#include "tests/support/terminal.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/integration/cli/shell.hpp"

namespace hubbub::test {
namespace {

class OnATerminal : public testing::Test {
 protected:
  TerminalOptions options(std::map<std::string, std::string> more = {}) {
    more.insert({{"HUBBUB_URL", shell.hub().url()},
                 {"XDG_STATE_HOME", shell.path("state")},
                 {"XDG_CONFIG_HOME", shell.path("config")}});
    return {24, 80, more};
  }
  Shell shell;
};

TEST_F(OnATerminal, SubShowsHostileBytesHarmlessly) {
  shell.run(R"(printf '\033[2J\033[5;5Hhostile' | hubbub pub lobby)");
  TerminalProgram sub({"hubbub", "sub", "lobby", "--last"}, options());
  sub.wait_for(R"(\x1b[2J\x1b[5;5Hhostile)");
  sub.signal(SIGINT);
  EXPECT_EQ(sub.wait(), 130);
}

TEST_F(OnATerminal, CtrlCEndsTail) {
  shell.run("hubbub --name alice say lobby hello");
  TerminalProgram tail({"hubbub", "tail", "lobby"}, options());
  tail.wait_for("~alice: hello");
  tail.type("\x03");
  EXPECT_EQ(tail.wait(), 130);
}

TEST_F(OnATerminal, WhoHasAHeading) {
  TerminalProgram who({"hubbub", "who"}, options());
  who.wait_for("STATUS");
  EXPECT_EQ(who.wait(), 0);
}

TEST_F(OnATerminal, NamesAreColoredUnlessNoColorIsWanted) {
  shell.run("hubbub --name alice say lobby hello");
  const auto is_colored = [&](const std::vector<std::string>& words, const std::string& no_color) {
    TerminalProgram history(words, options({{"NO_COLOR", no_color}}));
    history.wait_for("~alice: hello");
    const int row = history.row_of("~alice");
    return history.screen().cell(row, static_cast<int>(history.screen().row(row).find("~alice"))).colored;
  };
  EXPECT_TRUE(is_colored({"hubbub", "history", "lobby"}, ""));
  EXPECT_FALSE(is_colored({"hubbub", "history", "lobby"}, "1"));
  EXPECT_FALSE(is_colored({"hubbub", "history", "lobby", "--no-color"}, ""));
  EXPECT_THAT(shell.run("hubbub history lobby").out, testing::Not(testing::HasSubstr("\x1b"))) << "not a terminal";
}

TEST_F(OnATerminal, JoinSaysWhereOneLeftOff) {
  shell.run(
      "hubbub --name alice join ops; seq 14 | hubbub pub ops; hubbub --name alice call cursor.set room=ops seq=10");
  TerminalProgram join({"hubbub", "--name", "alice", "join", "ops"}, options());
  join.wait_for("joined #ops");
  join.wait_for("read up to 10 of 14; 4 unread");
  EXPECT_EQ(join.wait(), 0);
  TerminalProgram newcomer({"hubbub", "--name", "bob", "join", "ops"}, options());
  newcomer.wait_for("joined #ops");
  EXPECT_EQ(newcomer.wait(), 0);
  EXPECT_EQ(newcomer.row_of("unread"), -1) << "what was said before one came isn't unread";
}

TEST_F(OnATerminal, LagHasAHeading) {
  shell.run("seq 14 | hubbub pub ops; hubbub --name alice call cursor.set room=ops seq=10");
  TerminalProgram lag({"hubbub", "lag", "ops"}, options());
  lag.wait_for("alice   4       10    now    away");
  EXPECT_EQ(lag.screen().row(0), "READER  BEHIND  READ  MOVED  ONLINE");
  EXPECT_EQ(lag.wait(), 0);
}

TEST_F(OnATerminal, NoCommandIsTheFullScreenClient) {
  TerminalProgram client({"hubbub", "--name", "alice"}, options());
  client.wait_for("lobby");
  client.type("/quit\r");
  EXPECT_EQ(client.wait(), 0);
}

}  // namespace
}  // namespace hubbub::test
