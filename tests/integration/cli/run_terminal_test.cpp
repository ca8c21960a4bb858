// `hubbub run` on a terminal: the keyboard, Ctrl-C and Ctrl-Z are the command's, as without it.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>

#include "tests/integration/cli/shell.hpp"
#include "tests/support/terminal.hpp"

namespace hubbub::test {
namespace {

class RunOnATerminal : public testing::Test {
 protected:
  TerminalOptions options() {
    const char* const folder = std::getenv("HUBBUB_BIN_DIR");
    const std::string bin = folder != nullptr ? folder : HUBBUB_BIN_DIR;
    return {24,
            80,
            {{"HUBBUB_URL", shell.hub().url()},
             {"XDG_STATE_HOME", shell.path("state")},
             {"XDG_CONFIG_HOME", shell.path("config")},
             {"PATH", bin + ":" + std::getenv("PATH")},
             {"PS1", "prompt> "}}};
  }
  std::string ends() {
    return shell.run("hubbub history ops --all -F '{header:run}{header:run-exit}{header:run-signal}'").out;
  }
  /// What is typed before the shell has given the terminal away is the shell's, and lost.
  static void bring_to_front(TerminalProgram& bash) {
    wait_until("bash reads a line", [&] { return (bash.mode().c_lflag & ICANON) == 0; });
    bash.type("fg\r");
    wait_until("bash reads nothing", [&] { return (bash.mode().c_lflag & ICANON) != 0; });
  }

  Shell shell;
};

TEST_F(RunOnATerminal, TheCommandReadsFromIt) {
  TerminalProgram run({"hubbub", "run", "ops", "--", "sh", "-c", "echo ready; read x; echo \"got <$x>\""}, options());
  run.wait_for("ready");
  run.type("hello\r");
  run.wait_for("got <hello>");
  EXPECT_EQ(run.wait(), 0);
}

TEST_F(RunOnATerminal, TheCommandMaySetItsModes) {
  TerminalProgram run({"hubbub", "run", "ops", "--", "sh", "-c", "stty -echo; echo done"}, options());
  run.wait_for("done");
  EXPECT_EQ(run.wait(), 0);
}

TEST_F(RunOnATerminal, CtrlCIsTheCommands) {
  TerminalProgram run(
      {"hubbub", "run", "ops", "--", "sh", "-c", "sleep 600 & trap 'kill $!; exit 3' INT; echo ready; wait"},
      options());
  run.wait_for("ready");
  run.type("\x03");
  EXPECT_EQ(run.wait(), 3);
  EXPECT_EQ(ends(), "start\nend3\n");
}

TEST_F(RunOnATerminal, CtrlCEndsTheScriptAroundIt) {
  TerminalProgram script(
      {"/bin/bash", "-c", "for i in 1 2; do echo round $i; hubbub run ops -- sleep 600; done; echo survived"},
      options());
  script.wait_for("round 1");
  wait_until("it runs", [&] { return ends() == "start\n"; });
  script.type("\x03");
  EXPECT_EQ(script.wait(), 130);
  EXPECT_EQ(script.row_of("round 2"), -1);
  EXPECT_EQ(ends(), "start\nendSIGINT\n");
}

TEST_F(RunOnATerminal, ItIsTheScriptsAgainAfterTheCommand) {
  for (const std::string command : {"true", "/dev/null", "sh -c 'stty -icanon -echo; kill -KILL $$'"}) {
    TerminalProgram script(
        {"/bin/bash", "-c", "hubbub run ops -- " + command + "; echo ready; read x; echo \"got <$x>\""}, options());
    script.wait_for("ready");
    script.type("word\r");
    script.wait_for("got <word>");
    EXPECT_NE(script.row_of("word"), script.row_of("got")) << "what is typed is shown, after " << command;
    EXPECT_EQ(script.wait(), 0);
  }
}

TEST_F(RunOnATerminal, CtrlZStopsItForTheShellWhichGoesOnWithIt) {
  TerminalProgram bash({"/bin/bash", "--norc", "--noprofile", "-i"}, options());
  bash.wait_for("prompt>");
  bash.type("hubbub run ops -- sh -c 'echo rea\"\"dy; read x; echo got $x'\r");
  bash.wait_for("ready");
  bash.type("\x1a");
  bash.wait_for("Stopped");
  bash.type("echo the shell is he\"\"re\r");
  bash.wait_for("the shell is here");
  bring_to_front(bash);
  bash.type("word\r");
  bash.wait_for("got word");
  bash.type("echo and ba\"\"ck\r");
  bash.wait_for("and back");
  bash.type("exit\r");
  EXPECT_EQ(bash.wait(), 0);
  EXPECT_EQ(ends(), "start\nend0\n");
}

TEST_F(RunOnATerminal, ItRunsInTheBackgroundAndComesToTheFront) {
  TerminalProgram bash({"/bin/bash", "--norc", "--noprofile", "-i"}, options());
  bash.wait_for("prompt>");
  bash.type("set -b; hubbub run ops -- sh -c 'read x; echo got $x' &\r");
  bash.wait_for("Stopped");
  bring_to_front(bash);
  bash.type("word\r");
  bash.wait_for("got word");
  bash.type("exit\r");
  EXPECT_EQ(bash.wait(), 0);
}

TEST_F(RunOnATerminal, ThePipelineAroundItKeepsTheTerminalUntilTheCommandWantsIt) {
  TerminalProgram run({"/bin/bash", "-c", "hubbub run ops -- sh -c 'echo ready; read x </dev/tty; echo got $x' | cat"},
                      options());
  run.wait_for("ready");
  run.type("word\r");
  run.wait_for("got word");
  EXPECT_EQ(run.wait(), 0);
}

TEST_F(RunOnATerminal, WhatIsStoppedWhereNoShellIsGoesOn) {
  TerminalProgram run({"hubbub", "run", "ops", "--", "sh", "-c", "echo ready; read x; echo got $x"}, options());
  run.wait_for("ready");
  run.type("\x1a");
  run.type("word\r");
  run.wait_for("got word");
  EXPECT_EQ(run.wait(), 0);
}

}  // namespace
}  // namespace hubbub::test
