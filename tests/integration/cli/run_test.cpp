// `hubbub run`: what the room hears of a command, and that the command notices nothing of being run by it.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <csignal>
#include <filesystem>

#include "proto/text.hpp"
#include "tests/integration/cli/shell.hpp"

namespace hubbub::test {
namespace {

using testing::AllOf;
using testing::EndsWith;
using testing::HasSubstr;
using testing::StartsWith;

class Run : public testing::Test {
 protected:
  /// All that was said in #ops.
  std::string said(const std::string& format) { return shell.run("hubbub history ops --all -F '" + format + "'").out; }
  /// Of the newest message there.
  std::string last_body() { return shell.run("hubbub history ops -n 1 -F '{body}\\c'").out; }
  /// How the runs in #ops have ended.
  std::string ends() { return said("{header:run}{header:run-exit}{header:run-signal}"); }
  void wait_for_said(const std::string& body) {
    wait_until("#ops hears: " + body, [&] { return said("{body}").find(body) != std::string::npos; });
  }
  void wait_until_gone(const std::string& pid) {
    wait_until("process " + pid + " has ended", [&] {
      const auto stat = read_file("/proc/" + pid + "/stat");
      return stat.empty() || stat.find(") Z ") != std::string::npos;
    });
  }
  static std::string first_line(const std::string& text) { return text.substr(0, text.find('\n')); }

  Shell shell;
};

TEST_F(Run, TellsTheStartAndTheEnd) {
  const auto ran = shell.run("hubbub run ops -- sh -c 'cat; echo why >&2'", "input\n");
  EXPECT_EQ(ran.code, 0);
  EXPECT_EQ(ran.out, "input\n");
  EXPECT_EQ(ran.err, "why\n");
  EXPECT_EQ(said("{kind} {header:run}"), "notice start\nnotice end\n");
  EXPECT_THAT(said("{body}"), StartsWith("started: sh -c 'cat; echo why >&2' (pid "));
  EXPECT_THAT(last_body(), AllOf(StartsWith("succeeded after "), EndsWith(")\nwhy")));
  EXPECT_EQ(shell.run("hubbub history ops --all -F '{header:run-id}' | uniq | wc -l").out, "1\n") << "one id for both";
}

TEST_F(Run, TellsTheLobbyWhereNoRoomIsNamed) {
  EXPECT_EQ(shell.run("hubbub run -- true").code, 0);
  EXPECT_EQ(shell.run("hubbub history lobby --all -F '{header:run}'").out, "start\nend\n");
}

TEST_F(Run, HasTheExitCodeOfTheCommand) {
  EXPECT_EQ(shell.run("hubbub run ops -- sh -c 'exit 3'").code, 3);
  EXPECT_THAT(last_body(), StartsWith("failed with exit code 3 after "));
  EXPECT_EQ(ends(), "start\nend3\n");
}

TEST_F(Run, TellsWhichSignalHasKilledIt) {
  EXPECT_EQ(shell.run("hubbub run ops -- sh -c 'kill -KILL $$'").code, 137);
  EXPECT_THAT(last_body(), StartsWith("killed by SIGKILL after "));
  EXPECT_EQ(ends(), "start\nendSIGKILL\n");
}

TEST_F(Run, TellsWhyItCouldNotBeStarted) {
  const auto missing = shell.run("hubbub run ops -- no-such-command");
  EXPECT_EQ(missing.code, 127);
  EXPECT_EQ(missing.err, "hubbub: no-such-command: No such file or directory\n");
  EXPECT_THAT(last_body(), AllOf(StartsWith("could not be started: no-such-command"), HasSubstr("No such file")));
  EXPECT_EQ(shell.run("touch plain; hubbub run ops -- ./plain").code, 126);
  EXPECT_THAT(last_body(), AllOf(StartsWith("could not be started: ./plain"), HasSubstr("Permission denied")));
  EXPECT_EQ(ends(), "end127\nend126\n");
}

TEST_F(Run, RunsAScriptThatNamesNoInterpreter) {
  write_file(shell.path("script"), "echo \"<$1>\"\n");
  EXPECT_EQ(shell.run("chmod +x script; hubbub run ops -- ./script 'a b'").out, "<a b>\n");
}

TEST_F(Run, RunsNothingWhereTheCommandLineIsWrong) {
  EXPECT_EQ(shell.run("hubbub run ops --bogus -- touch ran").code, 64);
  EXPECT_EQ(shell.run("hubbub run ops touch ran").code, 64);
  EXPECT_EQ(shell.run("hubbub run ops --hub nonsense:// -- touch ran").code, 64);
  EXPECT_FALSE(std::filesystem::exists(shell.path("ran")));
}

TEST_F(Run, SaysOnlyWhatIsWanted) {
  EXPECT_EQ(shell.run("hubbub run ops --only-failures -- true").code, 0);
  EXPECT_EQ(shell.run("hubbub run ops --only-failures --title nightly -n 2 -- sh -c 'seq 9 >&2; exit 1'").code, 1);
  EXPECT_EQ(said("{header:run}"), "end\n");
  EXPECT_THAT(last_body(), AllOf(HasSubstr(": nightly (on "), EndsWith(")\n8\n9")));
}

TEST_F(Run, NeedsNoHubWhereThereIsNothingToSay) {
  shell.hub().stop();
  const auto ran = shell.run("hubbub run ops --only-failures -- true");
  EXPECT_EQ(ran.code, 0);
  EXPECT_EQ(ran.err, "");
}

// ── stderr ──────────────────────────────────────────────────────────────────────────────────────────────────────────

TEST_F(Run, PassesAFloodOfStderrOnInLittleMemory) {
  shell.environment["ASAN_OPTIONS"] = "quarantine_size_mb=1";  // it would keep what was given up
  const auto peak_kib = [&](const std::string& flood) {
    const auto ran =
        shell.run("hubbub run ops -- sh -c '" + flood + "; grep VmHWM /proc/$PPID/status >peak' 2>&1 | wc -c");
    return std::pair(ran.out, std::stoul(shell.run("tr -cd 0-9 < peak").out));
  };
  const auto [nothing, quiet] = peak_kib("true");
  const auto [all, flooded] = peak_kib("head -c 100000000 /dev/zero >&2");
  EXPECT_EQ(all, "100000000\n");
  EXPECT_LT(flooded, quiet + 32 * 1024UL);
  EXPECT_LT(last_body().size(), 64 * 1024UL);
}

TEST_F(Run, LosesNothingForAReaderThatTakesItsTime) {
  Job slow =
      shell.start("mkfifo gate; hubbub run ops -- sh -c 'head -c 3000000 /dev/zero >&2' 2>&1 | (cat gate; wc -c)");
  wait_for_said("started");
  shell.run("echo go > gate");
  EXPECT_EQ(slow.wait(), 0);
  EXPECT_EQ(slow.out(), "go\n3000000\n");
}

TEST_F(Run, TellsTheLastLinesAlsoWhereTheyWaitForAReader) {
  // More than the reader's pipe holds, and less than with the command's: run has the rest, or it lies in that pipe.
  Job run =
      shell.start("mkfifo gate; hubbub run ops -- sh -c 'seq 18000 >&2; echo last >&2' 2>&1 | (cat gate; tail -1)");
  wait_for_said("17999\n18000\nlast\n");
  shell.run("echo go > gate");
  EXPECT_EQ(run.wait(), 0);
  EXPECT_EQ(run.out(), "go\nlast\n");
}

TEST_F(Run, KeepsALastLineWithoutANewline) {
  EXPECT_EQ(shell.run("hubbub run ops -- sh -c 'printf \"a\\nb\" >&2'").err, "a\nb");
  EXPECT_THAT(last_body(), EndsWith(")\na\nb"));
}

TEST_F(Run, MakesBinaryStderrHarmlessInTheRoomAndNowhereElse) {
  const auto ran = shell.run("hubbub run ops -- sh -c 'printf \"\\377\\033[2J\\000x\\n\" >&2'");
  EXPECT_EQ(ran.err, std::string("\xff\x1b[2J\0x\n", 8));
  const auto body = last_body();
  EXPECT_TRUE(is_utf8(body));
  EXPECT_THAT(body, EndsWith("\xef\xbf\xbd\\x1b[2J\\x00x"));
}

TEST_F(Run, GoesOnWithoutAReaderOfStderr) {
  Job run = shell.start(
      "mkfifo fifo; (hubbub run ops -- sh -c 'read go; echo one >&2; echo two >&2; exit 5' <fifo; echo $? >code) 2>&1 "
      "| "
      "sh -c 'exec 0<&-; echo closed >done; cat done' & exec cat >fifo");
  wait_for_said("started");
  wait_until("its reader has gone", [&] { return read_file(shell.path("done")) == "closed\n"; });
  run.feed("go\n");
  run.close_input();
  wait_until("it has ended", [&] { return read_file(shell.path("code")) == "5\n"; });
  EXPECT_THAT(last_body(), EndsWith(")\none\ntwo"));
}

TEST_F(Run, LeavesTheEndOfStdoutToTheCommand) {
  const auto ran = shell.run("(hubbub run ops -- yes; echo $? >code) | head -1; cat code");
  EXPECT_EQ(ran.out, "y\n141\n");
  EXPECT_EQ(ends(), "start\nendSIGPIPE\n");
}

TEST_F(Run, DoesNotWaitForWhatTheCommandLeavesBehind) {
  EXPECT_EQ(shell.run("hubbub run ops -- sh -c 'echo begun >&2; sleep 600 & echo $! >left'").code, 0);
  EXPECT_THAT(last_body(), EndsWith(")\nbegun"));
  EXPECT_EQ(shell.run("kill $(cat left)").code, 0) << "it still ran";
}

// ── what the command finds ──────────────────────────────────────────────────────────────────────────────────────────

TEST_F(Run, GivesTheCommandNoDescriptorOfItsOwn) {
  const std::string list = "sh -c 'ls /proc/$$/fd'";
  EXPECT_EQ(shell.run("exec hubbub run ops -- " + list).out, shell.run("exec " + list).out);
  EXPECT_THAT(shell.run("hubbub run ops -- readlink /proc/self/fd/2").out, StartsWith("pipe:"));
  EXPECT_THAT(shell.run("hubbub run ops -n 0 -- readlink /proc/self/fd/2").out, EndsWith(".err\n")) << "ours";
}

TEST_F(Run, GivesTheCommandTheSignalsOfAFreshStart) {
  const auto status = shell.run("hubbub run ops -- grep -E 'Sig(Blk|Ign)' /proc/self/status").out;
  EXPECT_EQ(status, "SigBlk:\t0000000000000000\nSigIgn:\t0000000000000000\n");
  const auto nohup = shell.run("trap '' HUP; hubbub run ops -- grep -E 'SigIgn' /proc/self/status").out;
  EXPECT_EQ(nohup, "SigIgn:\t0000000000000001\n") << "what nohup wanted";
}

TEST_F(Run, GivesTheCommandAGroupOfItsOwn) {
  EXPECT_EQ(shell.run("hubbub run ops -- sh -c 'test $(ps -o pgid= $$) = $$'").code, 0);
}

// ── signals ─────────────────────────────────────────────────────────────────────────────────────────────────────────

TEST_F(Run, PassesSignalsOn) {
  for (const int number : {SIGINT, SIGTERM, SIGHUP, SIGQUIT}) {
    Job run = shell.start("ulimit -c 0; exec hubbub run ops -- sh -c 'echo ready; exec sleep 600'");
    run.wait_for_out("ready");
    run.signal_alone(number);
    EXPECT_EQ(run.wait(), 128 + number);
  }
  EXPECT_EQ(ends(), "start\nendSIGINT\nstart\nendSIGTERM\nstart\nendSIGHUP\nstart\nendSIGQUIT\n");
}

TEST_F(Run, PassesSignalsOnToAllThatTheCommandHasStarted) {
  Job run = shell.start("exec hubbub run ops -- sh -c 'sleep 600 & echo $!; wait'");
  run.wait_for_out("\n");
  run.signal(SIGTERM);
  EXPECT_EQ(run.wait(), 143);
  wait_until_gone(first_line(run.out()));
}

TEST_F(Run, GoesOnWhereSomebodyStopsTheCommandAlone) {
  Job run = shell.start("exec hubbub run ops -- sh -c 'echo $$; kill -TSTP $$; exit 5'");
  run.wait_for_out("\n");
  const auto pid = first_line(run.out());
  wait_until("the command stands",
             [&] { return read_file("/proc/" + pid + "/stat").find(") T ") != std::string::npos; });
  shell.run("hubbub ping -c 1");  // run has heard of it by then, or hears of it now
  ::kill(std::stoi(pid), SIGCONT);
  EXPECT_EQ(run.wait(), 5);
}

TEST_F(Run, LeavesItToTheCommandWhatAnInterruptMeans) {
  Job run = shell.start(
      R"(exec hubbub run ops -- sh -c 'sleep 600 & trap "kill $!; echo cleaned; exit 7" INT; echo ready; wait')");
  run.wait_for_out("ready");
  run.signal(SIGINT);
  EXPECT_EQ(run.wait(), 7);
  EXPECT_THAT(run.out(), EndsWith("cleaned\n"));
  EXPECT_EQ(ends(), "start\nend7\n");
}

TEST_F(Run, KeepsToItselfWhatItsParentIgnores) {
  Job run = shell.start("trap '' HUP; exec hubbub run ops -- sh -c 'trap - HUP; echo ready; read go; exit 4'");
  run.wait_for_out("ready");
  run.signal_alone(SIGHUP);
  run.feed("go\n");
  EXPECT_EQ(run.wait(), 4);
}

// ── the hub ─────────────────────────────────────────────────────────────────────────────────────────────────────────

TEST_F(Run, QueuesWhatItHasToSayWhereThereIsNoHub) {
  shell.hub().stop();
  const auto ran = shell.run("hubbub run ops -- sh -c 'echo ran; exit 5'");
  EXPECT_EQ(ran.code, 5);
  EXPECT_EQ(ran.out, "ran\n");
  EXPECT_THAT(ran.err, HasSubstr("queued 2 messages"));
  shell.hub().start_again();
  EXPECT_EQ(shell.run("hubbub pub ops -m after").code, 0);
  EXPECT_EQ(ends(), "start\nend5\n\n");
}

TEST_F(Run, EndsAsEverWhereTheHubDiesMeanwhile) {
  Job run = shell.start("exec hubbub run --timeout 1s ops -- sh -c 'read go; exit 4'");
  wait_for_said("started");
  shell.hub().stop(SIGKILL);
  run.feed("go\n");
  EXPECT_EQ(run.wait(), 4);
  EXPECT_THAT(run.err(), HasSubstr("queued 1 message"));
  shell.hub().start_again();
  EXPECT_EQ(shell.run("hubbub outbox send").code, 0);
  EXPECT_EQ(ends(), "end4\n") << "the start went with the hub's memory";
}

TEST_F(Run, IsNotHeldUpByAHubThatDoesNotAnswer) {
  shell.hub().pause();
  Job run = shell.start("exec hubbub run --timeout 1m ops -- sh -c 'echo began $$; read go; exit 4'");
  run.wait_for_out("\n");
  run.feed("go\n");
  wait_until_gone(first_line(run.out().substr(run.out().find(' ') + 1)));
  run.signal_alone(SIGTERM);
  EXPECT_EQ(run.wait(), 4) << "the command's, though the wait was interrupted";
  shell.hub().signal(SIGCONT);
  EXPECT_EQ(shell.run("hubbub outbox send").code, 0);
  EXPECT_EQ(ends(), "start\nend4\n");
}

TEST_F(Run, SaysWhatTheHubRefuses) {
  HubOptions options;
  options.flags = {"--limits-rooms", "1"};
  Shell full(options);
  full.run("hubbub pub only -m x");
  const auto ran = full.run("hubbub run another -- sh -c 'exit 6'");
  EXPECT_EQ(ran.code, 6);
  EXPECT_THAT(ran.err, AllOf(HasSubstr("rooms"), HasSubstr("queued 2 messages")));
}

TEST_F(Run, HasTheExitCodeOfTheCommandThoughItMayHaveHardlyAnyDescriptors) {
  for (int descriptors = 4; descriptors <= 16; ++descriptors) {
    const auto ran = shell.run("exec 3>&- 4>&- 5>&- 6>&- 7>&- 8>&- 9>&-; ulimit -n " + std::to_string(descriptors) +
                               "; hubbub run ops -- sh -c 'echo out; cat nowhere; exit 7'");
    EXPECT_EQ(ran.code, 7) << descriptors << ": " << ran.err;
    EXPECT_EQ(ran.out, "out\n") << descriptors;
    EXPECT_THAT(ran.err, HasSubstr("nowhere")) << descriptors;
  }
}

TEST_F(Run, NeedsNoPlaceForAnOutbox) {
  shell.environment["XDG_STATE_HOME"] = "/dev/null/none";
  EXPECT_EQ(shell.run("hubbub run ops -- sh -c 'exit 6'").code, 6);
  EXPECT_EQ(ends(), "start\nend6\n");
  shell.hub().stop();
  const auto ran = shell.run("hubbub run ops -- sh -c 'exit 6'");
  EXPECT_EQ(ran.code, 6);
  EXPECT_THAT(ran.err, HasSubstr("can't connect"));
}

}  // namespace
}  // namespace hubbub::test
