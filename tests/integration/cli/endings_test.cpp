// How commands end: exit codes, signals, closed pipes, full disks.
#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "common/asio.hpp"
#include "common/descriptor.hpp"
#include "tests/integration/cli/shell.hpp"

namespace hubbub::test {
namespace {

using testing::HasSubstr;

class Endings : public testing::Test {
 protected:
  Shell shell;
};

TEST_F(Endings, ClosedStandardStreamsAreNoReasonToAbort) {
  EXPECT_EQ(shell.run("hubbub pub lobby -m hi <&- >&-").code, 0);
  EXPECT_EQ(shell.run("hubbub rooms >&-").code, 74);
  EXPECT_EQ(shell.run("mkfifo nobody; hubbub sub lobby --ready-file nobody --until-idle 100ms").code, 74);
}

TEST_F(Endings, WithoutATerminalAndWithoutACommandThereIsHelp) {
  const auto ran = shell.run("hubbub");
  EXPECT_EQ(ran.code, 64);
  EXPECT_THAT(ran.err, HasSubstr("Commands:"));
  EXPECT_EQ(ran.out, "");
}

TEST_F(Endings, AMisspeltCommandIsGuessed) {
  const auto ran = shell.run("hubbub pubb lobby");
  EXPECT_EQ(ran.code, 64);
  EXPECT_THAT(ran.err, HasSubstr("did you mean pub?"));
}

TEST_F(Endings, WithoutAHubTheCommandSaysWhereItLooked) {
  const auto ran = shell.run("hubbub --hub unix://$PWD/nobody who");
  EXPECT_EQ(ran.code, 69);
  EXPECT_THAT(ran.err, HasSubstr("/nobody"));
  EXPECT_THAT(ran.err, HasSubstr("hubbubd"));
}

TEST_F(Endings, AHubThatSaysNothingIsNotWaitedForLonger) {
  asio::io_context loop;
  const asio::local::stream_protocol::acceptor silent(loop, shell.path("silent"));  // who connects is never accepted
  const auto ran = shell.run("hubbub --timeout 300ms --hub unix://$PWD/silent who");
  EXPECT_EQ(ran.code, 124);
  EXPECT_THAT(ran.err, HasSubstr("/silent"));
}

TEST_F(Endings, ACallThatIsNotAnsweredIsNotWaitedForLonger) {
  EXPECT_EQ(shell.run("hubbub --timeout 300ms call room.next room=lobby").code, 124);
}

TEST_F(Endings, ALimitThatWasReachedIsToBeTriedAgain) {
  HubOptions options;
  options.flags = {"--limits-rooms", "1"};
  Shell small(options);
  EXPECT_EQ(small.run("hubbub join first").code, 0);
  const auto ran = small.run("hubbub join second");
  EXPECT_EQ(ran.code, 75);
  EXPECT_THAT(ran.err, HasSubstr("rooms"));
}

#ifdef HUBBUB_NO_NAME_SERVER
TEST_F(Endings, ANameServerThatSaysNothingIsNotWaitedForLonger) {
  const std::string hubbub = "LD_PRELOAD=" HUBBUB_NO_NAME_SERVER " exec hubbub --hub tcp://far.example.org who";
  EXPECT_EQ(shell.run(hubbub + " --timeout 100ms").code, 124);
  Job who = shell.start("echo $$ > pid; " + hubbub);
  const auto asks = [&] { return shell.run("ls /proc/$(cat pid)/task | wc -l").out == "2\n"; };
  wait_until("it asks", asks);
  who.signal(SIGINT);
  EXPECT_EQ(who.wait(), 130);
}
#endif

TEST_F(Endings, ANameOfSomebodyElseIsDenied) {
  const Job alice = shell.start_sub("lobby --name alice");
  shell.environment["XDG_STATE_HOME"] = shell.path("elsewhere");
  const auto ran = shell.run("hubbub --name alice say lobby hi");
  EXPECT_EQ(ran.code, 77);
  EXPECT_THAT(ran.err, HasSubstr("--name"));
}

TEST_F(Endings, AFileThatIsNotThereIsNoInput) {
  const auto ran = shell.run("hubbub pub lobby -f nothing");
  EXPECT_EQ(ran.code, 66);
  EXPECT_THAT(ran.err, HasSubstr("can't read nothing: No such file"));
  EXPECT_EQ(shell.run("hubbub pub lobby < /").code, 66);
  EXPECT_EQ(shell.run("hubbub call room.post - < /").code, 66);
}

TEST_F(Endings, NobodyThereIsAnError) { EXPECT_EQ(shell.run("hubbub who @nobody").code, 65); }

TEST_F(Endings, SignalsEndListenersQuietly) {
  for (const auto& [number, code] : {std::pair(SIGINT, 130), std::pair(SIGTERM, 143), std::pair(SIGHUP, 129)}) {
    Job sub = shell.start_sub("lobby");
    sub.signal(number);
    EXPECT_EQ(sub.wait(), code);
    EXPECT_EQ(sub.err(), "");
  }
}

TEST_F(Endings, WhatIsInterruptedIsNotExcused) {
  Job call = shell.start("exec hubbub --name carol call room.next room=lobby");
  wait_until("it is there", [&] { return shell.run("hubbub who @carol").code == 0; });
  call.signal(SIGINT);
  EXPECT_EQ(call.wait(), 130);
  EXPECT_EQ(call.err(), "");
}

TEST_F(Endings, ASignalBeforeTheHubAnswersEndsPingAsAnythingElse) {
  shell.hub().pause();
  Job ping = shell.start("echo $$ > pid; exec hubbub ping");
  const auto asks = [&] { return shell.run("ls -l /proc/$(cat pid)/fd").out.find("socket:") != std::string::npos; };
  wait_until("it waits for its welcome", asks);
  ping.signal(SIGTERM);
  EXPECT_EQ(ping.wait(), 143);
  EXPECT_EQ(ping.out() + ping.err(), "");
  shell.hub().signal(SIGCONT);
}

TEST_F(Endings, PingIsQuietButForItsSummary) {
  EXPECT_THAT(shell.run("hubbub ping -q -c 1").out, testing::StartsWith("--- "));
}

TEST_F(Endings, AnOptionThatChangesNothingIsSaid) {
  shell.environment["HUBBUB_URL"] = shell.hub().unix_url();
  EXPECT_THAT(shell.run("hubbub --name somebody-else who").err, HasSubstr("--name somebody-else changes nothing"));
  EXPECT_EQ(shell.run("hubbub who").err, "");
}

TEST_F(Endings, ASignalThatIsIgnoredStaysIgnored) {
  Job sub = shell.start("trap '' HUP; exec hubbub sub lobby");
  const auto sub_is_there = [&] { return shell.run("hubbub rooms").out.find("lobby") != std::string::npos; };
  shell.run("hubbub join lobby");
  wait_until("it subscribed", [&] { return shell.run("hubbub rooms lobby").out.find("lobby  1  1") == 0; });
  ASSERT_TRUE(sub_is_there());
  sub.signal(SIGHUP);
  shell.run("hubbub pub lobby -m 'still here'");
  sub.wait_for_out("still here");
}

TEST_F(Endings, ClosedPipesEndQuietlyWhileThereIsSomethingToWrite) {
  shell.run("seq 1000 | hubbub pub lobby");
  const auto ran = shell.run("(hubbub sub lobby --from 1; echo $? >&2) | head -n 1");
  EXPECT_EQ(ran.out, "1\n");
  EXPECT_EQ(ran.err, "141\n");
}

TEST_F(Endings, ClosedPipesEndQuietlyWhileThereIsNothingToWrite) {
  EXPECT_EQ(shell.run("(hubbub sub lobby; echo $? >&2) | true").err, "141\n");
}

TEST_F(Endings, WhoeverWritesNothingNeedsNoReader) {
  const auto ran = shell.run(
      "mkfifo go; { read line < go; echo 1 | hubbub pub lobby; echo $? >&2; hubbub say lobby 2; echo $? >&2; "
      "hubbub join lobby; echo $? >&2; } | { exec <&-; echo > go; }");
  EXPECT_EQ(ran.err, "0\n0\n0\n");
  EXPECT_EQ(shell.run("hubbub history lobby -F '{body}'").out, "1\n2\n");
}

TEST_F(Endings, HelpDiesQuietlyOfAClosedPipe) {
  EXPECT_EQ(shell.run("mkfifo p; exec 3<>p 4>p 3<&-; hubbub help >&4; echo $? >&2").err, "141\n");
}

TEST_F(Endings, AFullDiskIsSaid) {
  shell.run("hubbub pub lobby -m x");
  for (const auto* line :
       {"hubbub history lobby > /dev/full", "hubbub sub lobby --last > /dev/full", "hubbub help > /dev/full"}) {
    const auto ran = shell.run(line);
    EXPECT_EQ(ran.code, 74) << line;
    EXPECT_THAT(ran.err, HasSubstr("No space left")) << line;
  }
}

TEST_F(Endings, AReaderThatDoesNotReadHoldsNobodyBack) {
  shell.run("head -c 900000 /dev/zero | tr '\\0' x | fold -w 100 | hubbub pub lobby");
  shell.run("mkfifo p");
  const Descriptor reader(::open(shell.path("p").c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC));
  Job sub = shell.start("exec hubbub sub lobby --from 1 > p");
  wait_until("it has filled the pipe", [&] {
    int bytes = 0;
    return ::ioctl(reader.get(), FIONREAD, &bytes) == 0 && bytes > 60'000;
  });
  sub.signal(SIGINT);
  EXPECT_EQ(sub.wait(), 130);
}

TEST_F(Endings, AReaderThatDoesNotReadHoldsNoSignalBackAtTheEndEither) {
  shell.run("head -c 900000 /dev/zero | tr '\\0' x | fold -w 100 | hubbub pub lobby");
  Job history = shell.start("mkfifo full; exec 3<>full; exec hubbub history lobby -n 2000 > full");
  wait_until("it fills the pipe", [&] {
    const Descriptor pipe(::open(shell.path("full").c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC));
    int bytes = 0;
    return ::ioctl(pipe.get(), FIONREAD, &bytes) == 0 && bytes >= 65536;
  });
  history.signal(SIGINT);
  EXPECT_EQ(history.wait(), 130);
}

}  // namespace
}  // namespace hubbub::test
