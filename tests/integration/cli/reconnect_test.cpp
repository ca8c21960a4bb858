// A hub that goes away and comes back.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>

#include "tests/integration/cli/shell.hpp"

namespace hubbub::test {
namespace {

using testing::MatchesRegex;

class Reconnect : public testing::Test {
 protected:
  Reconnect() { start_hub(); }
  /// At an address that outlives it.
  void start_hub(std::vector<std::string> flags = {}) {
    flags.insert(flags.end(), {"--listen", address});
    hub = std::make_unique<HubProcess>(flags);
  }

  Shell shell;
  const std::string address = "unix://" + shell.path("lasting.sock");
  const std::string at_it = " --hub " + address;
  std::unique_ptr<HubProcess> hub;
};

TEST_F(Reconnect, SubSaysSoAndComesBackByItself) {
  const Job sub = shell.start_sub("lobby" + at_it);
  hub->stop();
  sub.wait_for_err("connection lost: ");
  start_hub();
  sub.wait_for_err("connected again");
  shell.run("hubbub pub lobby -m back" + at_it);
  sub.wait_for_out("back\n");
}

TEST_F(Reconnect, SubSaysWhatTheHubWouldNotGoOnWith) {
  const Job sub = shell.start_sub("lobby" + at_it);
  sub.signal(SIGSTOP);
  hub->stop();
  start_hub({"--limits-rooms", "1"});
  shell.run("hubbub pub another -m x" + at_it);
  sub.signal(SIGCONT);
  sub.wait_for_err("nothing of lobby comes for now, the hub is asked again: there are 1 rooms already");
}

TEST_F(Reconnect, PubWaitsAndLosesNothing) {
  Job pub = shell.start("exec hubbub pub lobby" + at_it);
  const Job sub = shell.start_sub("lobby" + at_it);
  pub.feed("before\n");
  sub.wait_for_out("before\n");
  shell.run("hubbub ping -c 1" + at_it);  // and its acknowledgement is out
  hub->stop(SIGKILL);
  pub.feed("during\n");
  start_hub();
  sub.wait_for_err("connected again");
  pub.feed("after\n");
  pub.close_input();
  EXPECT_EQ(pub.wait(), 0) << pub.err();
  EXPECT_THAT(pub.err(), MatchesRegex("hubbub: connection lost: .*\nhubbub: connected again; the hub was restarted\n"));
  EXPECT_EQ(shell.run("hubbub history lobby -F '{body}'" + at_it).out, "during\nafter\n");
}

TEST_F(Reconnect, AGroupMissesNothingThatWasSaidWhileAllOfItWereAway) {
  const Job worker = shell.start_sub("jobs --group workers" + at_it);
  worker.signal(SIGSTOP);
  hub->stop();
  start_hub();
  EXPECT_EQ(shell.run("seq 3 | hubbub pub jobs" + at_it).code, 0);
  worker.signal(SIGCONT);
  worker.wait_for_out("1\n2\n3\n");
}

TEST_F(Reconnect, PubGivesUpWhenNothingIsAcknowledgedAnyMore) {
  Job pub = shell.start("exec hubbub pub lobby --no-queue --timeout 2s" + at_it);
  const Job sub = shell.start_sub("lobby" + at_it);
  pub.feed("before\n");
  sub.wait_for_out("before\n");
  shell.run("hubbub ping -c 1" + at_it);  // and its acknowledgement is out
  hub->stop(SIGKILL);
  pub.feed("during\n");
  pub.close_input();
  EXPECT_EQ(pub.wait(), 124);
  EXPECT_THAT(pub.err(), MatchesRegex("hubbub: connection lost: .*\nhubbub: the hub acknowledged nothing for 2s; "
                                      "1 message may or may not have arrived\n"));
}

}  // namespace
}  // namespace hubbub::test
