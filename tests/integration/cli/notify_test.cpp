// `hubbub notify`, and `hubbub say --priority`.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <mqueue.h>
#include <sys/stat.h>

#include <fstream>

#include "tests/integration/cli/shell.hpp"

namespace hubbub::test {
namespace {

using testing::HasSubstr;
using testing::Not;

class Notify : public testing::Test {
 protected:
  Job starts(const std::string& words, const std::string& before = "") {
    auto job = shell.start(before + "exec hubbub --name bob notify --ready-file ready " + words);
    wait_until("it is ready", [this] { return read_file(shell.path("ready")) == "ready\n"; });
    return job;
  }
  void says(const std::string& room, const std::string& text) {
    ASSERT_EQ(shell.run("hubbub --name alice say " + room + " '" + text + "'").code, 0);
  }

  Shell shell;
};

TEST_F(Notify, RingsAndPrintsWhatCallsOneAnywhere) {
  Job notify = starts("--bell");
  says("lobby", "nobody in particular");
  says("deep.below", "Bob: look here");
  says("@bob", "psst");
  notify.wait_for_out("psst");
  EXPECT_THAT(notify.out(), HasSubstr("\a#deep.below alice: Bob: look here\n"));
  EXPECT_THAT(notify.out(), HasSubstr("\a@alice alice: psst\n"));
  EXPECT_THAT(notify.out(), Not(HasSubstr("nobody in particular")));
  notify.signal_alone(SIGTERM);
  EXPECT_EQ(notify.wait(), 143);
}

TEST_F(Notify, TellsAllOfTheRoomsThatItIsGiven) {
  Job notify = starts("--bell ops");
  says("ops", "said");
  notify.wait_for_out("#ops alice: said");
  EXPECT_EQ(shell.run("hubbub --name carol join ops").code, 0);
  notify.wait_for_out("carol has joined");
}

TEST_F(Notify, RunsACommandWithTheTextOnItsStdin) {
  Job notify = starts("ops --only message --run 'echo $HUBBUB_NOTIFY $HUBBUB_ROOM $HUBBUB_FROM $HUBBUB_SEQ; cat'");
  says("ops", "for bob");
  notify.wait_for_out("for bob");
  EXPECT_EQ(notify.out(), "mention ops alice 1\nfor bob\n");
}

TEST_F(Notify, UsesNotifySendWhereThereIsSuchAProgram) {
  ASSERT_EQ(::mkdir(shell.path("programs").c_str(), 0700), 0);
  const auto program = shell.path("programs") + "/notify-send";
  std::ofstream(program) << "#!/bin/sh\nfor word; do echo \"[$word]\"; done\n";
  ASSERT_EQ(::chmod(program.c_str(), 0700), 0);
  Job notify = starts("", "PATH=" + shell.path("programs") + ":$PATH; ");
  says("lobby", "bob <b>&");
  notify.wait_for_out("lt;");
  EXPECT_EQ(notify.out(), "[--app-name=hubbub]\n[--]\n[#lobby alice]\n[bob &lt;b>&amp;]\n");
}

TEST_F(Notify, TellsTheMostImportantOfAFloodAndOnlyTheNumberOfTheRest) {
  Job notify = starts("ops --only message --rate 1 --run 'cat; echo; until [ -e go ]; do sleep 0.01; done'");
  says("ops", "first");
  notify.wait_for_out("first");
  EXPECT_EQ(shell.run("seq 30 | sed s/^/chatter/ | hubbub --name alice pub ops").code, 0);
  says("ops", "bob: last");
  EXPECT_EQ(shell.run("hubbub history ops -n 1 -F {body}").out, "bob: last\n");
  std::ofstream(shell.path("go")) << "go";
  notify.wait_for_out("and 30 more");
  EXPECT_THAT(notify.out(), HasSubstr("first\nbob: last\n"));
}

TEST_F(Notify, IsNotHeldUpByACommandThatHangs) {
  Job notify = starts("ops --only message --run 'cat; echo; trap : TERM; sleep 1000; sleep 1000'");
  says("ops", "first");
  notify.wait_for_out("first");
  says("ops", "second");
  notify.wait_for_out("second");
  EXPECT_THAT(notify.err(), HasSubstr("the command was killed"));
}

TEST_F(Notify, SaysWhatDoesNotGoTogether) {
  EXPECT_EQ(shell.run("hubbub notify --bell --run true").code, 64);
  EXPECT_EQ(shell.run("hubbub notify --only nonsense").code, 64);
  EXPECT_EQ(shell.run("hubbub notify --only message").code, 64);
}

class SayWithPriority : public testing::Test {
 protected:
  SayWithPriority() { shell.environment["HUBBUB_QUEUE"] = name; }
  ~SayWithPriority() override { ::mq_unlink(name.c_str()); }

  Shell shell;
  std::string name = "/hubbub-test-" + std::to_string(::getpid()) + "-say";
};

TEST_F(SayWithPriority, PutsItIntoTheQueueAndTellsAFullOne) {
  mq_attr attributes{};
  attributes.mq_maxmsg = 2;
  attributes.mq_msgsize = 256;
  const auto queue = ::mq_open(name.c_str(), O_RDONLY | O_CREAT | O_EXCL | O_NONBLOCK, 0600, &attributes);
  ASSERT_GE(queue, 0);
  EXPECT_EQ(shell.run("hubbub say --priority normal ops all is well").code, 0);
  EXPECT_EQ(shell.run("hubbub say --priority alarm ops disk full").code, 0);
  const auto full = shell.run("hubbub say --priority alarm ops no room");
  EXPECT_EQ(full.code, 75);
  EXPECT_THAT(full.err, HasSubstr("is full; try again later"));
  char bytes[256];
  unsigned priority = 0;
  const auto size = ::mq_receive(queue, bytes, sizeof bytes, &priority);
  ASSERT_GT(size, 0);
  EXPECT_EQ(std::string(bytes, static_cast<std::size_t>(size)), "ops\ndisk full");
  EXPECT_EQ(priority, 20u);
  ::mq_close(queue);
}

TEST_F(SayWithPriority, SaysThatThereIsNoAgent) {
  const auto ran = shell.run("hubbub say --priority alarm ops disk full");
  EXPECT_EQ(ran.code, 69);
  EXPECT_THAT(ran.err, HasSubstr("isn't there; hubbub agent makes it"));
  EXPECT_EQ(shell.run("hubbub say --priority urgent ops x").code, 64);
}

}  // namespace
}  // namespace hubbub::test
