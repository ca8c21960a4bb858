// hubbub sub --group --exec, group and dead: work that is shared, tried again, and put aside.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>

#include "tests/integration/cli/shell.hpp"

namespace hubbub::test {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::StartsWith;

class QueueGroup : public testing::Test {
 protected:
  QueueGroup() { shell.environment["HUBBUB_NAME"] = "worker"; }

  /// A member of the group `g` of #jobs.
  Job work(const std::string& command, const std::string& options = {}) {
    const auto ready = "ready." + std::to_string(++started_);
    auto job = shell.start("exec hubbub sub jobs --group g --backoff 10ms " + options + " --ready-file " + ready +
                           " --exec '" + command + "'");
    wait_until("it is a member", [&] { return read_file(shell.path(ready)) == "ready\n"; });
    return job;
  }
  void say(const std::string& body) { EXPECT_EQ(shell.run("hubbub pub jobs -m '" + body + "'").code, 0); }
  /// Of the one group.
  std::string field(const std::string& name) { return shell.run("hubbub group list jobs --json | jq -r ." + name).out; }
  void wait_for_field(const std::string& name, const std::string& value) {
    wait_until(name + " is " + value + ", and not " + field(name), [&] { return field(name) == value + "\n"; });
  }
  std::string lines_in(const std::string& name) { return read_file(shell.path(name)); }
  void wait_for_file(const std::string& name) {
    wait_until(name + " is there", [&] { return std::filesystem::exists(shell.path(name)); });
  }

  Shell shell;
  int started_ = 0;
};

TEST_F(QueueGroup, RunsACommandForEachMessageAndSaysThatItIsDone) {
  const auto job = work("cat; echo \" $HUBBUB_SEQ $HUBBUB_ATTEMPT $HUBBUB_FROM\"");
  say("one");
  say("two");
  job.wait_for_out("one 1 1 worker\ntwo 2 1 worker\n");
  wait_for_field("done", "2");
}

TEST_F(QueueGroup, HandsOutAgainWhatFailsAndThenPutsItToTheDead) {
  const auto job = work("echo $HUBBUB_ATTEMPT >> tries; echo no such disk >&2; exit 3", "--attempts 3");
  say("a job");
  wait_for_field("dead", "1");
  EXPECT_EQ(lines_in("tries"), "1\n2\n3\n");
  EXPECT_THAT(job.err(),
              AllOf(HasSubstr("no such disk"), HasSubstr("exited with status 3; attempt 2, it is handed out again"),
                    HasSubstr("attempt 3, so it goes to the dead")));
  const auto listed = shell.run("hubbub dead list jobs -v").out;
  EXPECT_THAT(listed, AllOf(StartsWith("1  "), HasSubstr("  worker  g  3  exit code 3  a job\n    no such disk\n")));
  EXPECT_EQ(shell.run("hubbub dead list jobs --json | jq -r '.headers[\"dead-seq\"]'").out, "1\n");
}

TEST_F(QueueGroup, PutsToTheDeadAtOnceWhatEndsWith65) {
  const auto job = work("echo x >> tries; exit 65");
  say("a job");
  wait_for_field("dead", "1");
  EXPECT_EQ(lines_in("tries"), "x\n");
}

TEST_F(QueueGroup, SaysBySignalWhatKilledTheCommand) {
  const auto job = work("kill -9 $$", "--attempts 1");
  say("a job");
  wait_for_field("dead", "1");
  EXPECT_THAT(shell.run("hubbub dead list jobs").out, HasSubstr("  1  signal 9  a job\n"));
}

TEST_F(QueueGroup, GivesToAnotherWhatAWorkerHadThatWasKilled) {
  auto first = work("touch began; exec sleep 1000");
  say("a job");
  wait_for_file("began");
  const auto second = work("echo $HUBBUB_ATTEMPT");
  first.signal_alone(SIGKILL);
  second.wait_for_out("2\n");
  wait_for_field("done", "1");
}

TEST_F(QueueGroup, PutsToTheDeadWhatKillsItsWorkers) {
  say("a poor start, so that the room is there");
  for (int i = 0; i < 2; ++i) {
    auto job = shell.start("exec hubbub sub jobs --group g --attempts 2 --from 1 --exec 'kill -9 $PPID'");
    EXPECT_EQ(job.wait(), 128 + SIGKILL);
  }
  wait_for_field("dead", "1");
  EXPECT_THAT(shell.run("hubbub dead list jobs").out, HasSubstr("  2  its worker was lost  a poor start"));
}

TEST_F(QueueGroup, RunsAsManyAtOnceAsItIsTold) {
  const auto job = work("echo 1 >> log; while [ ! -e go ]; do sleep 0.05; done; echo -1 >> log", "--at-once 3");
  for (int i = 0; i < 5; ++i) say("a job");
  wait_until("three run", [&] { return lines_in("log") == "1\n1\n1\n"; });
  EXPECT_EQ(field("out"), "3\n");
  shell.run("touch go");
  wait_for_field("done", "5");
  EXPECT_EQ(shell.run("awk '{n += $1; if (n > most) most = n} END {print NR, most}' log").out, "10 3\n");
}

TEST_F(QueueGroup, OnCtrlCLetsTheCommandEndAndBeginsNoOther) {
  auto job = work("touch began; while [ ! -e go ]; do sleep 0.05; done; echo done");
  say("one");
  wait_for_file("began");
  say("two");
  job.signal(SIGINT);
  job.wait_for_err("waiting for 1 command to end");
  shell.run("touch go");
  EXPECT_EQ(job.wait(), 130);
  EXPECT_EQ(job.out(), "done\n");
  EXPECT_EQ(field("done"), "1\n");
  EXPECT_EQ(field("failed"), "0\n");
  const auto other = work("echo $HUBBUB_SEQ $HUBBUB_ATTEMPT");
  other.wait_for_out("2 1\n");
}

TEST_F(QueueGroup, GivesBackWhatDoesNotEnd) {
  auto job = work("touch began; sleep 1000");
  say("one");
  wait_for_file("began");
  job.signal(SIGTERM);
  EXPECT_EQ(job.wait(), 143);
  const auto other = work("echo $HUBBUB_SEQ $HUBBUB_ATTEMPT");
  other.wait_for_out("1 1\n");
}

TEST_F(QueueGroup, SettlesWhatItRunsOverALossOfTheHubAndDoesNotRunItTwice) {
  Shell kept({{"--data", shell.path("data")}, {}, {}, 0, true});
  kept.environment["HUBBUB_NAME"] = "worker";
  auto job = kept.start(
      "exec hubbub sub jobs --group g --at-once 2 --ready-file r --exec 'echo run >> runs; while [ ! -e go ]; do sleep "
      "0.05; done'");
  wait_until("it is a member", [&] { return read_file(kept.path("r")) == "ready\n"; });
  EXPECT_EQ(kept.run("hubbub pub jobs -m one").code, 0);
  wait_until("it runs", [&] { return read_file(kept.path("runs")) == "run\n"; });
  kept.hub().stop(SIGKILL);
  kept.hub().start_again();
  job.wait_for_err("connected again");
  wait_until("it has it again", [&] { return kept.run("hubbub group list jobs --json | jq .out").out == "1\n"; });
  kept.run("touch go");
  wait_until("it is done", [&] { return kept.run("hubbub group list jobs --json | jq .done").out == "1\n"; });
  EXPECT_EQ(read_file(kept.path("runs")), "run\n");
}

TEST_F(QueueGroup, RunsNoCommandForWhatOnlyAmendsAnEarlierMessage) {
  const auto job = work("cat >> ran");
  say("one ");
  EXPECT_EQ(shell.run("hubbub react jobs 1 👍").code, 0);
  say("two");
  wait_for_field("done", "3");
  EXPECT_EQ(lines_in("ran"), "one two");
}

TEST_F(QueueGroup, EndsAfterSoManyMessages) {
  auto job = work("cat; echo", "-n 2 --at-once 4");
  for (const auto* body : {"one", "two", "three"}) say(body);
  EXPECT_EQ(job.wait(), 0);
  EXPECT_EQ(field("done"), "2\n");
  EXPECT_EQ(field("failed"), "0\n");
}

TEST_F(QueueGroup, WithoutAcknowledgementsAMessageIsTakenOnceItWasSent) {
  const auto job = shell.start_sub("jobs --group g --no-acks --exec 'echo ran$HUBBUB_ATTEMPT; exit 1'");
  say("one");
  job.wait_for_out("ran\n");
  EXPECT_EQ(shell.run("hubbub group list jobs").out, "");
}

TEST_F(QueueGroup, IsForgottenWhenItHasNoMembers) {
  {
    const auto job = work("true");
    EXPECT_THAT(shell.run("hubbub group forget jobs g").err, HasSubstr("end them first"));
  }
  wait_for_field("members", "0");
  EXPECT_EQ(shell.run("hubbub group forget jobs g").code, 0);
  EXPECT_EQ(shell.run("hubbub group list jobs").out, "");
}

TEST_F(QueueGroup, RefusesOptionsThatDoNotGoTogether) {
  EXPECT_EQ(shell.run("hubbub sub jobs --attempts 3").code, 64);
  EXPECT_EQ(shell.run("hubbub sub jobs --group g --at-once 3").code, 64);
  EXPECT_EQ(shell.run("hubbub sub jobs --group g --exec true --no-acks --backoff 1s").code, 64);
  EXPECT_EQ(shell.run("hubbub sub jobs --no-acks --exec true").code, 64);
  EXPECT_EQ(shell.run("hubbub dead list jobs 3").code, 64);
  EXPECT_EQ(shell.run("hubbub dead retry jobs").code, 64);
  EXPECT_EQ(shell.run("hubbub dead drop jobs 3 --all").code, 64);
  EXPECT_EQ(shell.run("hubbub group forget jobs").code, 64);
}

// ── the dead ─────────────────────────────────────────────────────────────────────────────────────────────────────────

class TheDead : public QueueGroup {
 protected:
  /// Two jobs that can't be handled, and nobody who tries.
  void make_two() {
    shell.run("touch broken");
    auto job = work("if [ -e broken ]; then exit 65; fi; cat");
    EXPECT_EQ(shell.run("hubbub pub jobs -m one --header color=red").code, 0);
    say("two");
    wait_for_field("dead", "2");
    job.signal_alone(SIGTERM);
    job.wait();
    shell.run("rm broken");
  }
  std::string said_in_jobs() { return shell.run("hubbub history jobs --all --json | wc -l | tr -d ' '").out; }
  std::string listed() { return shell.run("hubbub dead list jobs | awk '{print $1, $NF}'").out; }
};

TEST_F(TheDead, AreListed) {
  EXPECT_EQ(shell.run("hubbub dead list jobs").out, "") << "of a room without any";
  make_two();
  EXPECT_EQ(listed(), "1 one\n2 two\n");
}

TEST_F(TheDead, AreNotWhatSomebodyElseSaysInTheirRoom) {
  make_two();
  shell.run("hubbub pub jobs.dead -m forged --header dead-room=jobs --header dead-seq=1");
  EXPECT_EQ(listed(), "1 one\n2 two\n");
  EXPECT_THAT(shell.run("hubbub dead retry jobs 3").err, HasSubstr("is no dead message of #jobs"));
  EXPECT_THAT(shell.run("hubbub dead retry jobs 9").err, HasSubstr("#jobs.dead has no message 9 yet"));
  EXPECT_EQ(said_in_jobs(), "2\n") << "nothing of it was said again";
}

TEST_F(TheDead, AreSaidAgainOnlyByWhoMayTakeThemOut) {
  make_two();
  const auto denied = shell.run("HUBBUB_NAME=stranger hubbub dead retry jobs 1 2");
  EXPECT_EQ(denied.code, 77);
  EXPECT_THAT(denied.err, HasSubstr("message 1 of #jobs.dead is not yours to retry"));
  EXPECT_EQ(shell.run("HUBBUB_NAME=stranger hubbub dead retry jobs --all").code, 77);
  EXPECT_EQ(said_in_jobs(), "2\n");
  EXPECT_EQ(listed(), "1 one\n2 two\n");
}

TEST_F(TheDead, AreTakenOnceThoughTheirNumberIsGivenTwice) {
  make_two();
  EXPECT_EQ(shell.run("hubbub dead retry jobs 2 1 2").code, 0);
  EXPECT_EQ(said_in_jobs(), "4\n");
  EXPECT_EQ(listed(), "");
}

TEST_F(TheDead, AreDropped) {
  make_two();
  EXPECT_EQ(shell.run("hubbub dead drop jobs 1").code, 0);
  EXPECT_EQ(listed(), "2 two\n");
  EXPECT_EQ(shell.run("hubbub dead drop jobs --all").code, 0);
  EXPECT_EQ(listed(), "");
}

TEST_F(TheDead, AreTriedAgain) {
  make_two();
  const auto ran = shell.run("hubbub dead retry jobs 1");
  EXPECT_EQ(ran.code, 0);
  EXPECT_THAT(ran.err, HasSubstr("message 1 of #jobs.dead is message 3 of #jobs now"));
  EXPECT_EQ(listed(), "2 two\n");
  const auto again = shell.run("hubbub history jobs -n 1 --json | jq -c '[.text, .headers]'").out;
  EXPECT_EQ(again, "[\"one\",{\"color\":\"red\",\"retried-from\":\"1\"}]\n");
  const auto job = work("cat");
  job.wait_for_out("one");
}

}  // namespace
}  // namespace hubbub::test
