// What goes into `hubbub pub` comes out of `hubbub sub`, and pub says so when it can't.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/integration/cli/shell.hpp"

namespace hubbub::test {
namespace {

using testing::HasSubstr;
using testing::StartsWith;

class Pub : public testing::Test {
 protected:
  /// The room's messages, each behind its seq and kind.
  std::string said(const std::string& room) {
    return shell.run("hubbub history " + room + " --all -F '{seq} {kind} {body}'").out;
  }
  Shell shell;
};

TEST_F(Pub, PublishesEachLineOfItsInput) {
  EXPECT_EQ(shell.run("hubbub pub lobby", "one\n\nthree\nlast").code, 0);
  EXPECT_EQ(said("lobby"), "1 text one\n2 text \n3 text three\n4 text last\n");
}

TEST_F(Pub, PublishesATextAFileOrAllOfItsInputAsOne) {
  write_file(shell.path("file"), "a\nb\n");
  EXPECT_EQ(
      shell.run("hubbub pub lobby -m 'c d' && hubbub pub lobby -f file && hubbub pub lobby --whole - < file").code, 0);
  EXPECT_EQ(said("lobby"), "1 text c d\n2 text a\nb\n\n3 text a\nb\n\n");
}

TEST_F(Pub, PublishesTheLinesOfAFileWhenAsked) {
  write_file(shell.path("file"), "a\nb\n");
  EXPECT_EQ(shell.run("hubbub pub lobby -f file --lines").code, 0);
  EXPECT_EQ(said("lobby"), "1 text a\n2 text b\n");
}

TEST_F(Pub, CarriesAnyBytes) {
  std::string bytes;
  for (int i = 0; i < 100'000; ++i) bytes += static_cast<char>(i * 7919 >> 3);
  write_file(shell.path("bytes"), bytes);
  EXPECT_EQ(shell.run("hubbub pub lobby -f bytes && hubbub sub lobby --last -n 1 -N | cmp - bytes").code, 0);
}

TEST_F(Pub, CallsWhatIsNoTextData) {
  EXPECT_EQ(shell.run("hubbub pub lobby", "text\n\xff\n").code, 0);
  EXPECT_EQ(shell.run("hubbub history lobby -F '{kind} {base64}'").out, "text dGV4dA==\ndata /w==\n");
}

TEST_F(Pub, NamesTheLineThatIsNotTheTextItShouldBe) {
  const auto ran = shell.run("hubbub pub lobby --kind text", "good\n\xff\nnever\n");
  EXPECT_EQ(ran.code, 65);
  EXPECT_THAT(ran.err, HasSubstr("line 2: the text is not UTF-8"));
  EXPECT_THAT(ran.err, HasSubstr("1 message acknowledged before that"));
  EXPECT_EQ(said("lobby"), "1 text good\n");
}

TEST_F(Pub, NamesTheLineThatIsTooLong) {
  const auto ran = shell.run("(echo good; head -c 1100000 /dev/zero; echo) | hubbub pub lobby");
  EXPECT_EQ(ran.code, 65);
  EXPECT_THAT(ran.err, HasSubstr("line 2 is longer than the 1032192 bytes"));
  EXPECT_EQ(said("lobby"), "1 text good\n");
}

TEST_F(Pub, RefusesAFileThatIsTooLong) {
  const auto ran = shell.run("head -c 1100000 /dev/zero > file; hubbub pub lobby -f file");
  EXPECT_EQ(ran.code, 65);
  EXPECT_THAT(ran.err, HasSubstr("file has more than the 1032192 bytes"));
}

TEST_F(Pub, TakesTheLongestMessageThereIs) {
  EXPECT_EQ(shell
                .run("head -c 1032192 /dev/zero > file; hubbub pub lobby -f file; hubbub sub lobby --last -n 1 -N | "
                     "cmp - file")
                .code,
            0);
}

TEST_F(Pub, SendsHeadersAndKind) {
  EXPECT_EQ(shell.run("hubbub pub lobby -m x --kind notice --header a=1 --header b='2 3'").code, 0);
  EXPECT_EQ(shell.run("hubbub history lobby -F '{kind} {headers}'").out, "notice a=1 b=2 3\n");
}

TEST_F(Pub, HasTheRoomKeepItsLastValue) {
  EXPECT_EQ(shell.run("hubbub pub w --retain -m 12; hubbub pub w -m later").code, 0);
  EXPECT_EQ(shell.run("hubbub sub w --last -n 1").out, "12\n");
}

TEST_F(Pub, ReturnsOnlyWhenAllHasArrivedAlsoWithoutAcknowledgements) {
  EXPECT_EQ(shell.run("seq 20000 | hubbub pub --no-ack lobby").code, 0);
  EXPECT_EQ(shell.run("hubbub history lobby -n 1 -F '{seq} {body}'").out, "20000 20000\n");
}

TEST_F(Pub, PassesOnWhyTheHubHasNoRoomForIt) {
  HubOptions options;
  options.flags = {"--limits-rooms", "1"};
  Shell full(options);
  full.run("hubbub pub only -m x");
  for (const auto* how : {" --no-queue", " --no-ack"}) {
    const auto ran = full.run(std::string("hubbub pub another -m x") + how);
    EXPECT_EQ(ran.code, 75) << how;
    const auto why = full.run("hubbub join another").err;
    EXPECT_THAT(ran.err, StartsWith(why.substr(0, why.size() - 1))) << how;
  }
}

TEST_F(Pub, TellsThatNotAllWasTakenAlsoWithoutAcknowledgements) {
  HubOptions options;
  options.flags = {"--limits-message-rate", "10"};
  Shell strict(options);
  const auto ran = strict.run("seq 1000 | hubbub pub lobby --no-ack");
  EXPECT_EQ(ran.code, 75);
  EXPECT_THAT(ran.err, HasSubstr("hubbub: "));
}

TEST_F(Pub, DoesNotWaitForEverWithoutAcknowledgements) {
  Job pub = shell.start("exec hubbub pub lobby --no-ack --timeout 2s --name carol");
  wait_until("it is there", [&] { return shell.run("hubbub who @carol").code == 0; });
  shell.hub().pause();
  pub.feed("x\n");
  EXPECT_EQ(pub.wait(), 124);
  shell.hub().signal(SIGCONT);
}

TEST_F(Pub, PublishesWhatComesWhileItsInputStaysOpen) {
  const Job sub = shell.start_sub("lobby");
  const Job pub = shell.start("hubbub pub lobby");
  pub.feed("first\n");
  sub.wait_for_out("first\n");
  pub.feed("second\n");
  sub.wait_for_out("first\nsecond\n");
}

TEST_F(Pub, LeavesItsInputAsItWasForWhoHasItNext) {
  const Job sub = shell.start_sub("lobby");
  Job pub = shell.start("flags() { grep flags /proc/self/fdinfo/0; }; flags; hubbub pub lobby; flags");
  pub.feed("first\n");
  sub.wait_for_out("first\n");
  pub.feed("second\n");
  sub.wait_for_out("second\n");
  pub.close_input();
  EXPECT_EQ(pub.wait(), 0);
  const auto before = pub.out().substr(0, pub.out().find('\n') + 1);
  EXPECT_EQ(pub.out(), before + before);
}

TEST_F(Pub, CanBeInterruptedWhileNobodyWritesToItsFifo) {
  Job pub = shell.start("mkfifo fifo; exec hubbub pub lobby -f fifo --name carol");
  wait_until("it is there", [&] { return shell.run("hubbub who @carol").code == 0; });
  pub.signal(SIGINT);
  EXPECT_EQ(pub.wait(), 130);
}

TEST_F(Pub, WaitsForTheWriterOfItsFifo) {
  EXPECT_EQ(shell.run("mkfifo fifo; hubbub pub lobby -f fifo & echo late > fifo; wait").code, 0);
  EXPECT_EQ(said("lobby"), "1 text late\n\n");
}

TEST_F(Pub, SaysWhatWasAcknowledgedWhenInterrupted) {
  const Job sub = shell.start_sub("lobby");
  Job pub = shell.start("exec hubbub pub lobby");
  pub.feed("one\ntwo\n");
  sub.wait_for_out("two\n");
  pub.signal(SIGINT);
  EXPECT_EQ(pub.wait(), 130);
  EXPECT_THAT(pub.err(), HasSubstr("interrupted: "));
  EXPECT_THAT(pub.err(), HasSubstr("acknowledged"));
}

TEST_F(Pub, RefusesWhatMakesNoSense) {
  EXPECT_EQ(shell.run("hubbub pub lobby -m x -f y").code, 64);
  EXPECT_EQ(shell.run("hubbub pub lobby --lines --whole").code, 64);
  EXPECT_EQ(shell.run("hubbub pub lobby -m x --header 'Bad Key=1'").code, 64);
  const auto ran = shell.run("hubbub pub lobby hello");
  EXPECT_EQ(ran.code, 64);
  EXPECT_THAT(ran.err, HasSubstr("a text goes after -m"));
}

}  // namespace
}  // namespace hubbub::test
