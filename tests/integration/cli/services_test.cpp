// hubbub serve, call NAME.METHOD and services: programs that answer other programs.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>

#include "tests/integration/cli/shell.hpp"

namespace hubbub::test {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

class AService : public testing::Test {
 protected:
  /// `words` for hubbub serve. Returns once it is offered.
  Job serve(const std::string& words, const std::string& who = "alice") {
    const auto ready = "ready." + std::to_string(++started_);
    auto job = shell.start("exec hubbub --name " + who + " serve --ready-file " + ready + " " + words);
    wait_until("it is offered: " + words, [&] { return read_file(shell.path(ready)) == "ready\n"; });
    return job;
  }
  Ran call(const std::string& words) { return shell.run("hubbub --name bob call " + words); }
  void wait_for_file(const std::string& name) {
    wait_until(name + " is there", [&] { return std::filesystem::exists(shell.path(name)); });
  }
  std::string lines_in(const std::string& name) { return shell.run("wc -l < " + name).out; }

  Shell shell;
  int started_ = 0;
};

TEST_F(AService, RunsAProcessForACallWithItsArgumentsAsJson) {
  const auto job = serve("echo --exec cat");
  EXPECT_EQ(call("echo.say text=hi n:=3").out, "{\"text\":\"hi\",\"n\":3}\n");
  EXPECT_EQ(call("echo.say '{\"deep\":[1,{\"a\":null}]}'").out, "{\"deep\":[1,{\"a\":null}]}\n");
  EXPECT_EQ(shell.run("echo '{\"from\":\"stdin\"}' | hubbub call echo.say -").out, "{\"from\":\"stdin\"}\n");
}

TEST_F(AService, TellsItsProgramWhatIsCalledByWhomAndTheSameKeyForTheSameCall) {
  const auto job = serve("env --exec 'echo $HUBBUB_SERVICE $HUBBUB_METHOD $HUBBUB_FROM $HUBBUB_ATTEMPT $HUBBUB_CALL'");
  const auto once = call("env.show").out, again = call("env.show").out;
  EXPECT_THAT(once, HasSubstr("env show bob 1 "));
  EXPECT_NE(once, again);
}

TEST_F(AService, HandsOnWhatTheProgramsEndSaysAndItsLastWords) {
  const auto job = serve("fail --exec 'cat >/dev/null; echo first >&2; echo no such image >&2; exit 66'");
  const auto ran = call("fail.now");
  EXPECT_EQ(ran.code, 65);
  EXPECT_EQ(ran.err, "hubbub: no such image\n");
  EXPECT_EQ(ran.out, "");
}

TEST_F(AService, AnswersByOneProgramForAllCalls) {
  const auto job = serve("sum --lines 'jq -c --unbuffered \"{id, result: (.arguments | add)}\"'");
  EXPECT_EQ(call("sum.add a:=2 b:=40").out, "42\n");
  EXPECT_EQ(call("sum.add a=x b=y").out, "\"xy\"\n");
}

TEST_F(AService, TellsThatProgramItsServiceAndItsHub) {
  const auto job = serve("env --lines 'jq -c --unbuffered \"{id, result: [env.HUBBUB_SERVICE, env.HUBBUB_URL]}\"'");
  EXPECT_EQ(call("env.show").out, "[\"env\",\"" + shell.hub().url() + "\"]\n");
}

TEST_F(AService, IsSharedByThoseWhoOfferItAndAllCanBeAsked) {
  const auto one = serve("who --exec 'echo one'", "alice");
  const auto two = serve("who --exec 'echo two'", "carol");
  std::string all;
  for (int i = 0; i < 4; ++i) all += call("who.is").out;
  EXPECT_THAT(all, testing::AnyOf("one\ntwo\none\ntwo\n", "two\none\ntwo\none\n"));
  const auto everybody =
      shell.run("hubbub --name bob call who.is --all --json | jq -r '.provider + \" \" + .result' | sort");
  EXPECT_EQ(everybody.out, "alice one\ncarol two\n");
}

TEST_F(AService, AnswersTheSameCallFromTheRecord) {
  const auto job = serve("count --exec 'echo run >> runs; wc -l < runs'");
  const auto first = call("count.up --id deploy-1 --receipt");
  EXPECT_EQ(first.out, "1\n");
  EXPECT_THAT(first.err, AllOf(HasSubstr("was answered by alice on "), Not(HasSubstr("replayed"))));
  const auto again = call("count.up --id deploy-1 --receipt");
  EXPECT_EQ(again.out, "1\n");
  EXPECT_THAT(again.err, HasSubstr(", replayed"));
  EXPECT_EQ(lines_in("runs"), "1\n");
  EXPECT_EQ(call("count.up --id deploy-2").out, "2\n");
}

TEST_F(AService, ThatIsLostWithACallLeavesItsOutcomeUnknown) {
  auto job = serve("slow --exec 'touch runs; sleep 1000'");
  auto asked = shell.start("exec hubbub --name bob call slow.go");
  wait_for_file("runs");
  job.signal_alone(SIGKILL);
  asked.wait();
  EXPECT_THAT(asked.err(), HasSubstr("was lost with the call, so its outcome is unknown"));
}

TEST_F(AService, ThatIsLostHandsOnWhatMayBeRepeated) {
  auto job = serve("slow --method go --repeatable --exec 'touch runs; sleep 1000'", "alice");
  auto asked = shell.start("exec hubbub --name bob call slow.go --receipt --timeout 50s");
  wait_for_file("runs");
  const auto other = serve("slow --method go --repeatable --exec 'echo done by $HUBBUB_ATTEMPT'", "carol");
  job.signal_alone(SIGKILL);
  EXPECT_EQ(asked.wait(), 0);
  EXPECT_EQ(asked.out(), "done by 2\n");
  EXPECT_THAT(asked.err(), AllOf(HasSubstr("by carol on "), HasSubstr("attempt 2")));
}

TEST_F(AService, ThatIsLostAloneIsUnavailableWhereTheCallMayBeRepeated) {
  auto job = serve("slow --method go --repeatable --exec 'touch runs; sleep 1000'");
  auto asked = shell.start("exec hubbub --name bob call slow.go");
  wait_for_file("runs");
  job.signal_alone(SIGKILL);
  EXPECT_EQ(asked.wait(), 69);
  EXPECT_THAT(asked.err(), HasSubstr("it may be repeated"));
}

TEST_F(AService, IsToldOfADeadline) {
  const auto job = serve("slow --exec 'trap \"touch stopped; exit 1\" TERM; touch runs; sleep 1000 & wait'");
  const auto ran = call("slow.go --timeout 8s");
  EXPECT_EQ(ran.code, 124);
  wait_for_file("stopped");
}

TEST_F(AService, OfAllThatAreAskedThoseInTimeAreHeard) {
  const auto quick = serve("who --exec 'echo quick'", "alice");
  const auto slow = serve("who --exec 'sleep 1000'", "carol");
  const auto ran = call("who.is --all --timeout 6s");
  EXPECT_EQ(ran.code, 0);
  EXPECT_EQ(ran.out, "quick\n");
  EXPECT_THAT(ran.err, HasSubstr("carol"));
}

TEST_F(AService, IsCalledWithNoMoreThanAHundredBracketsWithinEachOther) {
  const auto job = serve("count --exec 'wc -c'");
  shell.run("(printf '{\"a\":'; yes [ | head -n 200000; yes ] | head -n 200000; echo '}') > deep");
  const auto ran = shell.run("hubbub call count.bytes - < deep");
  EXPECT_EQ(ran.code, 65);
  EXPECT_THAT(ran.err, HasSubstr("deeper than 100"));
  EXPECT_EQ(call("count.bytes").out, "3\n");
}

TEST_F(AService, IsToldWhenItsCallerGivesUp) {
  const auto job = serve("slow --exec 'trap \"touch stopped; exit 1\" TERM; touch runs; sleep 1000 & wait'");
  auto asked = shell.start("exec hubbub --name bob call slow.go --timeout 100s");
  wait_for_file("runs");
  asked.signal_alone(SIGINT);
  EXPECT_EQ(asked.wait(), 130);
  wait_for_file("stopped");
}

TEST_F(AService, RefusesWhatIsBeyondWhatItRunsAtOnce) {
  const auto job = serve("slow --at-once 1 --exec 'touch runs; until [ -e go ]; do sleep 0.05; done; echo done'");
  auto asked = shell.start("exec hubbub --name bob call slow.go --timeout 50s");
  wait_for_file("runs");
  const auto refused = call("slow.go");
  EXPECT_EQ(refused.code, 75);
  EXPECT_THAT(refused.err, HasSubstr("is busy; try again later"));
  shell.run("touch go");
  EXPECT_EQ(asked.wait(), 0);
}

TEST_F(AService, ThatIsStoppedFinishesWhatRunsAndTakesNoMore) {
  auto job = serve("slow --exec 'touch runs; until [ -e go ]; do sleep 0.05; done; echo done'");
  auto asked = shell.start("exec hubbub --name bob call slow.go --timeout 50s");
  wait_for_file("runs");
  job.signal_alone(SIGTERM);
  job.wait_for_err("waiting for 1 running call");
  EXPECT_EQ(call("slow.go").code, 69);
  shell.run("touch go");
  EXPECT_EQ(asked.wait(), 0);
  EXPECT_EQ(asked.out(), "done\n");
  EXPECT_EQ(job.wait(), 143);
}

TEST_F(AService, IsOfferedAgainAtAHubThatWasRestarted) {
  auto job = serve("echo --exec cat");
  shell.hub().stop();
  shell.hub().start_again();
  job.wait_for_err("connected again");
  EXPECT_EQ(call("echo.say a=b").out, "{\"a\":\"b\"}\n");
}

TEST_F(AService, IsListedDescribedAndPinged) {
  const auto job = serve("image --about 'pictures' --method 'size FILE' --method crop --exec cat --at-once 3");
  EXPECT_EQ(call("image.size").code, 0);
  const auto list = shell.run("hubbub services");
  EXPECT_THAT(list.out, AllOf(HasSubstr("image  alice  "), HasSubstr("  0/3  1  0  "), HasSubstr("pictures")));
  const auto info = shell.run("hubbub services image info");
  EXPECT_THAT(info.out, AllOf(HasSubstr("  image.size FILE\n  image.crop\n"), HasSubstr("1 calls, 0 errors")));
  EXPECT_EQ(shell.run("hubbub services --json | jq -r '.methods[0].arguments'").out, "FILE\n");
  const auto ping = shell.run("hubbub services image ping");
  EXPECT_EQ(ping.code, 0);
  EXPECT_THAT(ping.out, HasSubstr("alice  "));
  EXPECT_THAT(call("image.rotate").err, HasSubstr("image has no method rotate; it has size, crop"));
}

TEST_F(AService, ThatNobodyOffersSaysSo) {
  const auto ran = call("nobody.there");
  EXPECT_EQ(ran.code, 69);
  EXPECT_THAT(ran.err, HasSubstr("nobody offers nobody now; hubbub services lists what is offered"));
  const auto none = shell.run("hubbub services");
  EXPECT_EQ(none.code, 1);
  EXPECT_THAT(none.err, HasSubstr("nobody offers a service now"));
}

/// At a hub that outlives its being killed.
class AServiceOfAKeptHub : public AService {
 protected:
  AServiceOfAKeptHub() { shell.environment["HUBBUB_URL"] = hub.url(); }
  HubProcess hub{{"--data", shell.path("data")}};
};

TEST_F(AServiceOfAKeptHub, AnswersExactlyOnceAndForEver) {
  auto job = serve("count --exec 'echo run >> runs; wc -l < runs'");
  const auto first = call("count.up --id deploy-1 --once exactly --receipt");
  EXPECT_EQ(first.out, "1\n");
  EXPECT_THAT(first.err, AllOf(HasSubstr("was answered exactly once, by alice on "), Not(HasSubstr("replayed"))));
  hub.stop(SIGKILL);
  hub.start_again();
  job.wait_for_err("connected again");
  const auto again = call("count.up --id deploy-1 --once exactly --receipt");
  EXPECT_EQ(again.out, "1\n");
  EXPECT_THAT(again.err, HasSubstr(", replayed"));
  EXPECT_EQ(lines_in("runs"), "1\n");
  EXPECT_EQ(call("count.up other=1 --id deploy-1 --once exactly").code, 77) << "another question";
}

TEST_F(AServiceOfAKeptHub, IsGivenWhatWasCalledExactlyOnceBeforeItWasThere) {
  const std::string words = "count.up --id early --once exactly";
  wait_until("the call is kept", [&] {
    const auto ran = call(words + " --timeout 300ms");
    EXPECT_EQ(ran.code, 124) << ran.err;
    return ran.err.find("the call stays until it is done: ask again under the same id (--id)") != std::string::npos;
  });
  const auto job = serve("count --exec 'echo run >> runs; wc -l < runs'");
  EXPECT_EQ(call(words).out, "1\n");
}

TEST_F(AServiceOfAKeptHub, ThatIsKilledLeavesAnExactCallToAnother) {
  const std::string command = "count --exec 'echo run >> runs; [ $HUBBUB_ATTEMPT -gt 1 ] || sleep 1000; echo done'";
  auto job = serve(command);
  auto asked = shell.start("exec hubbub --name bob call count.up --once exactly --receipt --timeout 50s");
  wait_for_file("runs");
  job.signal_alone(SIGKILL);
  const auto other = serve(command, "carol");
  EXPECT_EQ(asked.wait(), 0);
  EXPECT_EQ(asked.out(), "done\n");
  EXPECT_THAT(asked.err(), AllOf(HasSubstr("exactly once, by carol on "), HasSubstr("attempt 2")));
}

TEST_F(AService, SaysWhatDoesNotGoTogether) {
  EXPECT_EQ(shell.run("hubbub serve image").code, 64);
  EXPECT_EQ(shell.run("hubbub serve image --exec a --lines b").code, 64);
  EXPECT_EQ(shell.run("hubbub serve 'Image!' --exec a").code, 64);
  EXPECT_EQ(shell.run("hubbub serve image --exec a --repeatable").code, 64);
  EXPECT_THAT(shell.run("hubbub serve room --exec a").err, HasSubstr("the hub's own methods begin with room"));
  EXPECT_EQ(call("hub.info --all").code, 64);
  EXPECT_EQ(call("hub.info --once exactly").code, 64);
  EXPECT_EQ(call("echo.say --once exactly --all").code, 64);
  EXPECT_THAT(call("echo.say --once twice").err, HasSubstr("'twice' is not at-most or exactly"));
  EXPECT_THAT(call("echo.say --once exactly").err, HasSubstr("this hub keeps nothing"));
  EXPECT_EQ(call("echo.say n:=nonsense").code, 64);
  EXPECT_EQ(shell.run("hubbub services image sing").code, 64);
}

}  // namespace
}  // namespace hubbub::test
