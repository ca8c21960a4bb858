// The commands for people: say, tail, join, part, who, rooms, history, topic, away, ping, call.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/integration/cli/shell.hpp"

namespace hubbub::test {
namespace {

using testing::HasSubstr;
using testing::MatchesRegex;

class People : public testing::Test {
 protected:
  Shell shell;
};

TEST_F(People, SayIsHeard) {
  EXPECT_EQ(shell.run("hubbub --name alice say lobby good morning; hubbub --name alice say -a lobby waves").code, 0);
  EXPECT_EQ(shell.run("hubbub history lobby -F '{kind} {from}: {body}'").out,
            "text ~alice: good morning\naction ~alice: waves\n");
}

TEST_F(People, SayReachesOnePersonAlone) {
  shell.run("hubbub --name alice ping -c 1");  // only who has been here can be talked to
  Job bob = shell.start("exec hubbub --name bob sub @alice --ready-file bob");
  Job carol = shell.start("exec hubbub --name carol sub '>' --ready-file carol");
  wait_until("both listen",
             [&] { return !read_file(shell.path("bob")).empty() && !read_file(shell.path("carol")).empty(); });
  EXPECT_EQ(shell.run("hubbub --name alice say @bob psst").code, 0);
  bob.wait_for_out("psst\n");
  EXPECT_EQ(shell.run("hubbub --name alice say lobby loud").code, 0);
  carol.wait_for_out("loud\n");
  EXPECT_EQ(carol.out(), "loud\n");
}

TEST_F(People, TailBeginsWithThePastAndGoesOn) {
  shell.run("seq 30 | hubbub --name alice pub lobby");
  const Job tail = shell.start("exec hubbub tail lobby -n 3");
  tail.wait_for_out("~alice: 30\n");
  EXPECT_THAT(tail.out(), MatchesRegex("[0-9:]+ ~alice: 28\n[0-9:]+ ~alice: 29\n[0-9:]+ ~alice: 30\n"));
  shell.run("hubbub --name bob say lobby new");
  tail.wait_for_out("~bob: new\n");
}

TEST_F(People, TailOfSeveralRoomsNamesThem) {
  shell.run("hubbub --name alice say ci.a one; hubbub --name alice say ci.b two");
  const Job tail = shell.start("exec hubbub tail 'ci.*'");
  tail.wait_for_out("#ci.b ~alice: two\n");
  EXPECT_LT(tail.out().find("#ci.a ~alice: one"), tail.out().find("#ci.b ~alice: two"));
}

TEST_F(People, TailShowsWhoComes) {
  const Job tail = shell.start("exec hubbub tail -e lobby");
  wait_until("it listens", [&] {
    shell.run("hubbub --name bob join lobby; hubbub --name bob part lobby");
    return tail.out().find("~bob has joined") != std::string::npos;
  });
}

TEST_F(People, MembersAreShownUntilTheyPart) {
  EXPECT_EQ(shell.run("hubbub --name alice join ops").code, 0);
  EXPECT_THAT(shell.run("hubbub who ops").out, HasSubstr("~alice"));
  EXPECT_THAT(shell.run("hubbub --name alice rooms --joined --names").out, HasSubstr("ops\n"));
  EXPECT_EQ(shell.run("hubbub --name alice part ops").code, 0);
  EXPECT_EQ(shell.run("hubbub who ops").out, "");
}

TEST_F(People, TopicsAreSetAndShownAndCleared) {
  EXPECT_EQ(shell.run("hubbub topic ops on call: bob").code, 0);
  EXPECT_EQ(shell.run("hubbub topic ops").out, "on call: bob\n");
  EXPECT_THAT(shell.run("hubbub rooms").out, HasSubstr("on call: bob"));
  EXPECT_EQ(shell.run("hubbub topic ops --clear && hubbub topic ops").out, "");
}

TEST_F(People, AwayConcernsThePersonAndNotTheSession) {
  const Job alice = shell.start_sub("lobby --name alice");
  EXPECT_EQ(shell.run("hubbub --name alice away at lunch").code, 0);
  EXPECT_THAT(shell.run("hubbub who @alice").out, MatchesRegex("~alice  away +[^ ]+ +at lunch\n"));
  EXPECT_EQ(shell.run("hubbub --name alice away").code, 0);
  EXPECT_THAT(shell.run("hubbub who @alice").out, HasSubstr("online"));
}

TEST_F(People, HistoryGoesBackOverPages) {
  shell.run("seq 1200 | hubbub pub lobby");
  EXPECT_EQ(shell.run("hubbub history lobby -n 1100 -F '{body}'").out, shell.run("seq 101 1200").out);
  EXPECT_EQ(shell.run("hubbub history lobby --all -F '{body}'").out, shell.run("seq 1200").out);
  EXPECT_EQ(shell.run("hubbub history lobby --before 10 -n 2 -F '{seq}'").out, "8\n9\n");
}

class Threads : public People {
 protected:
  Threads() {
    shell.run("hubbub --name alice say lobby shall we deploy; hubbub --name bob say lobby lunch");
    EXPECT_EQ(shell.run("hubbub --name bob say lobby --reply-to 1 yes").code, 0);
    EXPECT_EQ(shell.run("hubbub --name carol pub lobby --reply-to 3 -m 'not on a Friday'").code, 0);
  }
};

TEST_F(Threads, AreMadeOfMessagesWhoseHeadersSayWhatTheyAnswer) {
  EXPECT_EQ(shell.run("hubbub history lobby -F '{seq} {body}: {headers}'").out,
            "1 shall we deploy: \n2 lunch: \n3 yes: reply-to=1\n4 not on a Friday: reply-to=3 thread=1\n");
}

TEST_F(Threads, AreShownWithWhatIsAnswered) {
  EXPECT_THAT(shell.run("hubbub history lobby").out, HasSubstr("~bob: [↳ 1 ~alice: shall we deploy] yes\n"));
  const Job tail = shell.start("exec hubbub tail lobby -n 1");
  tail.wait_for_out("~carol: [↳ 3] not on a Friday\n");
  shell.run("hubbub --name bob say lobby --reply-to 4 why");
  tail.wait_for_out("~bob: [↳ 4 ~carol: not on a Friday] why\n");
}

TEST_F(Threads, AreShownAloneFromTheirBeginningOn) {
  for (const auto* seq : {"1", "3", "4"})
    EXPECT_EQ(shell.run("hubbub history lobby -F '{seq}' --thread " + std::string(seq)).out, "1\n3\n4\n");
  EXPECT_EQ(shell.run("hubbub history lobby -F '{seq}' --thread 2").out, "2\n");
  const auto some = shell.run("hubbub history lobby -F '{seq}' --thread 1 -n 2");
  EXPECT_EQ(some.out, "1\n3\n");
  EXPECT_THAT(some.err, HasSubstr("stopped before message 4"));
  EXPECT_EQ(shell.run("hubbub history lobby --thread 1 --all").code, 64);
}

TEST_F(Threads, AreFoundOverManyPagesOfWhateverSize) {
  shell.run("seq 1200 | hubbub pub lobby; head -c 300000 /dev/zero | tr '\\0' x > big");
  shell.run("for i in 1 2 3 4 5 6 7 8; do hubbub pub lobby -f big; hubbub say lobby --reply-to 4 again $i; done");
  EXPECT_EQ(shell.run("hubbub history lobby -F '{seq}' --thread 4").out,
            "1\n3\n4\n1206\n1208\n1210\n1212\n1214\n1216\n1218\n1220\n");
}

TEST_F(Threads, AnswerNothingThatTheRoomDoesNotHave) {
  const auto early = shell.run("hubbub say lobby --reply-to 17 what");
  EXPECT_EQ(early.code, 65);
  EXPECT_THAT(early.err, HasSubstr("#lobby has no message 17 yet: its newest is 4"));
  EXPECT_EQ(shell.run("hubbub pub lobby --reply-to 18446744073709551615 -m x").code, 65);
  EXPECT_EQ(shell.run("hubbub say nowhere --reply-to 1 x").code, 65);
  EXPECT_EQ(shell.run("hubbub say lobby --reply-to 0 x").code, 64);
  EXPECT_EQ(shell.run("hubbub say lobby --priority high --reply-to 1 x").code, 64);
  EXPECT_EQ(shell.run("hubbub history lobby --thread 17").code, 65);
  EXPECT_EQ(shell.run("hubbub history lobby -n 1 -F '{seq}'").out, "4\n") << "and nothing was said";
}

TEST_F(Threads, AreWrittenToWhileTheHubIsAway) {
  shell.hub().stop();
  const auto queued = shell.run("hubbub --name bob say lobby --reply-to 1 later");
  EXPECT_EQ(queued.code, 0);
  EXPECT_THAT(queued.err, HasSubstr("queued 1 message"));
}

TEST_F(People, PingTellsTimesAndASummary) {
  const auto ran = shell.run("hubbub ping -c 2 -i 10ms");
  EXPECT_EQ(ran.code, 0);
  EXPECT_THAT(ran.out, HasSubstr("answer 2: "));
  EXPECT_THAT(ran.out, HasSubstr("2 sent, 2 answered, 0% lost"));
}

TEST_F(People, PingTellsItsSummaryWhenInterrupted) {
  Job ping = shell.start("exec hubbub ping -i 10ms");
  ping.wait_for_out("answer 2: ");
  ping.signal(SIGINT);
  EXPECT_EQ(ping.wait(), 0);
  EXPECT_THAT(ping.out(), HasSubstr("min/avg/max/mdev = "));
}

TEST_F(People, CallCallsAnyMethod) {
  EXPECT_THAT(shell.run("hubbub call hub.info").out, HasSubstr("\"version\":"));
  EXPECT_EQ(
      shell.run(R"(hubbub call room.post room=ops body=hi; hubbub call room.post '{"room":"ops","body":"ho"}')").code,
      0);
  EXPECT_EQ(shell.run(R"(echo '{"room":"ops","topic":"t"}' | hubbub call room.set_topic -)").out, "{}\n");
  EXPECT_THAT(shell.run("hubbub call room.history room=ops limit=1").out, HasSubstr(R"("text":"ho")"));
}

TEST_F(People, CallExplainsMistakes) {
  const auto unknown = shell.run("hubbub call room.jion");
  EXPECT_EQ(unknown.code, 64);
  EXPECT_THAT(unknown.err, HasSubstr("did you mean room.join?"));
  const auto missing = shell.run("hubbub call room.join");
  EXPECT_EQ(missing.code, 64);
  EXPECT_THAT(missing.err, HasSubstr("usage: hubbub call room.join room=ROOM"));
}

}  // namespace
}  // namespace hubbub::test
