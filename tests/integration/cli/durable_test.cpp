// What outlives the hub, the commands and the time between two runs.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>

#include "tests/integration/cli/shell.hpp"

namespace hubbub::test {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;
using testing::MatchesRegex;
using testing::StartsWith;

class Durable : public testing::Test {
 protected:
  Durable() { shell.environment["HUBBUB_URL"] = address; }
  /// At an address and with data that outlive it; without any: "none".
  void start_hub(const std::string& data = "data") {
    const auto where = data == "none" ? data : shell.path(data);
    hub = std::make_unique<HubProcess>(std::vector<std::string>{"--listen", address, "--data", where});
  }
  /// One that has no more rooms than that.
  void start_small_hub(const std::string& rooms, const std::string& data = "none") {
    const auto where = data == "none" ? data : shell.path(data);
    hub = std::make_unique<HubProcess>(
        std::vector<std::string>{"--listen", address, "--data", where, "--limits-rooms", rooms});
  }
  /// Into the room that the hub has, which is killed before it acknowledges it.
  void leave_in_doubt(const std::string& room, const std::string& body) {
    const Job sub = shell.start_sub(room);
    Job pub = shell.start("exec hubbub pub " + room + " --timeout 300ms");
    pub.feed("first\n");
    sub.wait_for_out("first\n");
    shell.run("hubbub ping -c 1");  // and its acknowledgement is out
    hub->pause();                   // takes what is sent, and says nothing
    pub.feed(body + "\n");
    pub.close_input();
    EXPECT_EQ(pub.wait(), 0);
    EXPECT_THAT(pub.err(), HasSubstr("queued 1 message"));
    hub->stop(SIGKILL);
  }
  void start_other_hub(const std::string& data) {
    hub->stop();
    start_hub(data);
  }
  std::string out(const std::string& line) { return shell.run(line).out; }

  Shell shell;
  const std::string address = "unix://" + shell.path("lasting.sock");
  std::unique_ptr<HubProcess> hub;
};

// ── the outbox ───────────────────────────────────────────────────────────────────────────────────────────────────────

TEST_F(Durable, PubQueuesWithoutAHubAndTheNextPubSendsItFirst) {
  const auto queued = shell.run("seq 3 | hubbub pub lobby");
  EXPECT_EQ(queued.code, 0);
  EXPECT_THAT(queued.err, HasSubstr("queued 3 messages for " + address));
  EXPECT_THAT(out("hubbub outbox"), MatchesRegex(address + "  .*  lobby  3  now  waits\n"));
  start_hub();
  EXPECT_EQ(shell.run("hubbub pub lobby -m 4").code, 0);
  EXPECT_EQ(out("hubbub history lobby -F '{body}'"), "1\n2\n3\n4\n");
  EXPECT_THAT(out("hubbub outbox"), IsEmpty());
}

TEST_F(Durable, SeveralOutboxesAtOneHubDontTakeEachOtherForCopies) {
  start_hub();
  const std::string other = "XDG_STATE_HOME=$PWD/other ";
  for (const auto& line : {"hubbub pub lobby -m 1", "hubbub pub lobby -m 2", "hubbub pub lobby -m 3"}) {
    EXPECT_EQ(shell.run(line).code, 0);
    EXPECT_EQ(shell.run(other + line).code, 0);
  }
  EXPECT_EQ(out("hubbub history lobby -F '{seq} {body}'"), "1 1\n2 1\n3 2\n4 2\n5 3\n6 3\n");
}

TEST_F(Durable, SayQueuesTooAndOutboxSendsIt) {
  EXPECT_EQ(shell.run("hubbub say lobby good morning").code, 0);
  EXPECT_EQ(shell.run("hubbub outbox send").code, 69) << "there is no hub yet";
  start_hub();
  EXPECT_EQ(shell.run("hubbub outbox send").code, 0);
  EXPECT_EQ(out("hubbub history lobby -F '{body}'"), "good morning\n");
}

TEST_F(Durable, NothingIsQueuedWhereNobodyWantsThat) {
  const auto ran = shell.run("hubbub pub lobby -m x --no-queue");
  EXPECT_EQ(ran.code, 69);
  EXPECT_THAT(ran.err, HasSubstr("hubbubd"));
  EXPECT_THAT(out("hubbub outbox"), IsEmpty());
}

TEST_F(Durable, WhatIsQueuedCanBeForgotten) {
  shell.run("hubbub pub lobby -m x");
  EXPECT_EQ(shell.run("hubbub outbox discard").code, 0);
  EXPECT_THAT(out("hubbub outbox"), IsEmpty());
  start_hub();
  shell.run("hubbub pub lobby -m y");
  EXPECT_EQ(out("hubbub history lobby -F '{body}'"), "y\n");
}

TEST_F(Durable, WhatTheHubHasNoRoomForIsQueuedAndFailsNoCommandButOutboxSend) {
  start_small_hub("1");
  EXPECT_EQ(shell.run("hubbub pub lobby -m 1").code, 0);
  const auto limited = shell.run("hubbub pub ops -m 2");
  EXPECT_EQ(limited.code, 0);
  EXPECT_THAT(limited.err, HasSubstr("#ops can't be opened now: "));
  EXPECT_THAT(limited.err, HasSubstr("queued 1 message for " + address));
  const auto later = shell.run("hubbub pub lobby -m 3");
  EXPECT_EQ(later.code, 0);
  EXPECT_THAT(later.err, HasSubstr("queued 1 message for " + address));
  EXPECT_EQ(out("hubbub history lobby -F '{body}'"), "1\n3\n");
  EXPECT_EQ(shell.run("hubbub outbox send").code, 75);
  hub->stop();
  start_small_hub("2");
  EXPECT_EQ(shell.run("hubbub outbox send").code, 0);
  EXPECT_EQ(out("hubbub history ops -F '{body}'"), "2\n");
}

TEST_F(Durable, WhatWasSaidToNobodyFailsOnceAndIsSetAside) {
  start_hub();
  const auto said = shell.run("hubbub say @bbo hi");
  EXPECT_EQ(said.code, 65);
  EXPECT_THAT(said.err, HasSubstr("1 message is set aside: hubbub outbox resend"));
  const auto next = shell.run("hubbub pub lobby -m x");
  EXPECT_EQ(next.code, 0);
  EXPECT_THAT(next.err, IsEmpty());
  EXPECT_THAT(out("hubbub outbox"), HasSubstr("@bbo  1  now  set aside: "));
}

TEST_F(Durable, WhatAnEarlierCommandHasSaidToNobodyIsToldAndFailsNoLaterOne) {
  shell.run("hubbub say @bbo hi");
  start_hub();
  const auto next = shell.run("hubbub pub lobby -m x");
  EXPECT_EQ(next.code, 0);
  EXPECT_THAT(next.err, HasSubstr("1 message to @bbo is set aside in the outbox"));
}

TEST_F(Durable, AnotherProgramSendsWhatOneThatWasKilledHasLeft) {
  Job one = shell.start("exec hubbub pub lobby");
  one.feed("a\n");
  one.wait_for_err("can't connect");
  const Job other = shell.start("exec hubbub pub lobby");  // has the second outbox
  other.feed("b\n");
  other.wait_for_err("can't connect");
  one.signal(SIGKILL);
  one.wait();
  start_hub();
  other.feed("c\n");
  const Job sub = shell.start("exec hubbub sub lobby --all");
  sub.wait_for_out("c\n");
  EXPECT_EQ(shell.run("hubbub pub lobby -m d").code, 0);
  sub.wait_for_out("d\n");
  EXPECT_THAT(sub.out(), HasSubstr("a\n"));
}

TEST_F(Durable, EachMessageComesOnceThoughHubAndPublisherAreKilled) {
  start_hub();
  const Job sub = shell.start_sub("lobby");
  Job pub = shell.start("exec hubbub pub lobby");
  pub.feed("1\n2\n");
  sub.wait_for_out("2\n");
  hub->stop(SIGKILL);
  pub.feed("3\n4\n");
  pub.wait_for_err("connection lost");
  start_hub();
  sub.wait_for_out("4\n");
  pub.feed("5\n");
  sub.wait_for_out("5\n");
  pub.signal(SIGKILL);
  pub.wait();
  EXPECT_EQ(shell.run("hubbub pub lobby -m 6").code, 0);
  sub.wait_for_out("6\n");
  EXPECT_EQ(sub.out(), "1\n2\n3\n4\n5\n6\n");
  EXPECT_EQ(out("hubbub history lobby -F '{seq} {body}'"), "1 1\n2 2\n3 3\n4 4\n5 5\n6 6\n");
}

TEST_F(Durable, WhoseOutcomeNobodyKnowsIsToldAndDecidedByAPerson) {
  start_hub();
  leave_in_doubt("lobby", "second");
  start_hub("other-data");
  const auto third = shell.run("hubbub pub lobby -m third");
  EXPECT_EQ(third.code, 70);
  EXPECT_THAT(third.err, HasSubstr("nobody knows whether 1 message to #lobby arrived"));
  EXPECT_THAT(third.err, HasSubstr("hubbub outbox resend"));
  EXPECT_THAT(out("hubbub outbox"), HasSubstr("may have arrived"));
  EXPECT_EQ(shell.run("hubbub outbox resend").code, 0);
  EXPECT_EQ(out("hubbub history lobby -F '{body}'"), "third\nsecond\n");
  EXPECT_THAT(out("hubbub outbox"), IsEmpty());
}

TEST_F(Durable, WhatIsSetAsideIsSaidAgainAlsoWhileSomethingElseWaitsForItsRoom) {
  start_hub();
  leave_in_doubt("lobby", "second");
  start_small_hub("1", "other-data");
  EXPECT_EQ(shell.run("hubbub pub lobby -m third").code, 70);
  EXPECT_EQ(shell.run("hubbub pub ops -m x").code, 0);
  EXPECT_EQ(shell.run("hubbub outbox resend").code, 75) << "ops can't be opened";
  EXPECT_EQ(out("hubbub history lobby -F '{body}'"), "third\nsecond\n");
}

TEST_F(Durable, AnOutboxThatIsRestoredFromAnOldCopyLosesNothingNew) {
  start_hub();
  shell.run("hubbub pub lobby -m 1");
  const auto folder = out("printf %s $(dirname $(find . -name 1.db))");
  shell.run("cp -r " + folder + " copy");
  shell.run("hubbub pub lobby -m 2; hubbub pub lobby -m 3");
  shell.run("cp -r copy/. " + folder);
  EXPECT_EQ(shell.run("hubbub pub lobby -m 2").code, 0) << "the same text under the same id as before";
  EXPECT_EQ(out("hubbub history lobby -F '{body}'"), "1\n2\n3\n2\n");
}

TEST_F(Durable, OneBadOutboxIsShownAndKeepsNobodyFromTheOthers) {
  shell.run("hubbub pub lobby -m x");
  shell.run("echo rubbish > $(dirname $(find . -name 1.db))/2.db");
  const auto listed = shell.run("hubbub outbox");
  EXPECT_NE(listed.code, 0);
  EXPECT_THAT(listed.out, HasSubstr("lobby  1  now  waits\n"));
  EXPECT_THAT(listed.out, HasSubstr("bad: "));
  start_hub();
  const auto sent = shell.run("hubbub outbox send");
  EXPECT_THAT(sent.err, HasSubstr("sent 1 message"));
  EXPECT_THAT(sent.err, HasSubstr("2.db"));
  EXPECT_EQ(out("hubbub history lobby -F '{body}'"), "x\n");
}

TEST_F(Durable, AHubThatStopsAnsweringIsNoClosedConnection) {
  shell.run("seq -f %01000g 10000 | hubbub pub lobby");
  start_hub();
  const auto stop = "kill -STOP " + std::to_string(hub->pid());
  const Job stopper = shell.start_sub("lobby --exec '" + stop + "'");  // with the first of them
  const auto sent = shell.run("hubbub outbox send --timeout 1s");
  hub->signal(SIGCONT);
  EXPECT_EQ(sent.code, 124);
  EXPECT_THAT(sent.err, HasSubstr("acknowledged nothing for 1s"));
}

TEST_F(Durable, NothingCountsAsSentBecauseAnotherHubAtThatAddressHasTakenAsMuch) {
  start_hub();
  shell.run("seq 3 | hubbub pub lobby");
  for (const auto* other : {"none", "other-data"}) {
    start_other_hub(other);
    EXPECT_EQ(shell.run("hubbub pub lobby -m elsewhere").code, 0);
    start_other_hub("data");
    EXPECT_EQ(shell.run("seq 2 | hubbub pub lobby").code, 0) << "as it was said there first";
  }
  EXPECT_EQ(out("hubbub history lobby -F '{body}'"), "1\n2\n3\n1\n2\n1\n2\n");
}

// ── reading ──────────────────────────────────────────────────────────────────────────────────────────────────────────

TEST_F(Durable, SubBeginsWhereItIsTold) {
  start_hub();
  shell.run("seq 5 | hubbub pub lobby");
  EXPECT_EQ(out("hubbub sub lobby --all -n 5"), "1\n2\n3\n4\n5\n");
  EXPECT_EQ(out("hubbub sub lobby --from 4 -n 2"), "4\n5\n");
  EXPECT_EQ(out("hubbub sub lobby --since 1h -n 2"), "1\n2\n");
  EXPECT_EQ(out("hubbub sub lobby --since 2099-01-01 --until-idle 200ms"), "");
  EXPECT_EQ(shell.run("hubbub sub lobby --since yesterday").code, 64);
  EXPECT_EQ(shell.run("hubbub sub lobby --since 1h --all").code, 64);
}

TEST_F(Durable, ADurableConsumerGoesOnWhereItStoppedAlsoOverARestartOfTheHub) {
  start_hub();
  shell.run("seq 2 | hubbub pub orders");
  EXPECT_EQ(out("hubbub sub orders --durable billing --for 2s"), "") << "it begins now";
  shell.run("seq 3 6 | hubbub pub orders");
  EXPECT_EQ(out("hubbub sub orders --durable billing -n 2"), "3\n4\n");
  hub->stop(SIGKILL);
  start_hub();
  EXPECT_EQ(out("hubbub sub orders --durable billing -n 2"), "5\n6\n");
  EXPECT_EQ(out("hubbub sub orders --durable other --all -n 1"), "1\n");
  EXPECT_THAT(out("hubbub lag orders --json"), HasSubstr(R"("consumer":"other","seq":1,"behind":5)"));
}

TEST_F(Durable, LagListsReadersTheFurthestBehindFirst) {
  start_hub();
  shell.run("seq 5 | hubbub pub orders");
  out("hubbub sub orders --durable audit --all -n 5; hubbub sub orders --durable billing --all -n 2");
  EXPECT_THAT(out("hubbub lag orders"), MatchesRegex(".*/billing  3  2  now  online\n"
                                                     ".*/audit    0  5  now  online\n"));
}

TEST_F(Durable, ADurableConsumerHasAPlaceAtOnceAlsoWithACommand) {
  start_hub();
  shell.run("hubbub pub orders -m 1");
  Job sub = shell.start("exec hubbub sub orders --durable billing --exec cat");
  const Deadline deadline;
  while (out("hubbub lag orders --json").find("billing") == std::string::npos)
    ASSERT_FALSE(deadline.passed()) << "it has no place";
  sub.signal(SIGKILL);
  sub.wait();
  shell.run("hubbub pub orders -m 2");
  EXPECT_EQ(out("hubbub sub orders --durable billing -n 1"), "2\n");
}

TEST_F(Durable, ADurableConsumerReadsRoomsThatWereMadeWhileItWasAwayFromTheirBeginning) {
  start_hub();
  shell.run("hubbub pub shop.a -m 1");
  EXPECT_EQ(out("hubbub sub 'shop.>' --durable billing --for 2s"), "") << "it begins now";
  shell.run("hubbub pub shop.b -m 2; hubbub pub shop.a -m 3");
  EXPECT_THAT(out("hubbub sub 'shop.>' --durable billing -n 2 | sort"), "2\n3\n");
}

TEST_F(Durable, ADurableConsumerSaysWhatItCouldNotTellTheHubAndEnds) {
  start_hub();
  shell.run("hubbub pub orders -m 1");
  const auto pid = std::to_string(hub->pid());
  const auto all_stand =
      "kill -STOP " + pid + "; while grep -qv \") T \" /proc/" + pid + "/task/*/stat; do sleep 0.01; done";
  const auto ran = shell.run("hubbub sub orders --durable billing --all -n 1 --exec '" + all_stand + "'");
  EXPECT_EQ(ran.code, 0);
  EXPECT_THAT(ran.err, HasSubstr("the hub was not told how far billing has read #orders"));
  hub->signal(SIGCONT);
}

TEST_F(Durable, ADurableConsumerThatIsInterruptedGetsNothingTwice) {
  start_hub();
  Job sub = shell.start("exec hubbub sub orders --durable billing --all");
  shell.run("seq 3 | hubbub pub orders");
  sub.wait_for_out("3\n");
  sub.signal(SIGINT);
  EXPECT_EQ(sub.wait(), 130);
  shell.run("hubbub pub orders -m 4");
  EXPECT_EQ(out("hubbub sub orders --durable billing -n 1"), "4\n");
}

// ── the rest ─────────────────────────────────────────────────────────────────────────────────────────────────────────

TEST_F(Durable, WhatIsExportedCanBeImported) {
  start_hub();
  shell.run("seq 3 | hubbub pub ops --header a=b");
  shell.run("head -c 3 /dev/zero | hubbub pub ops --whole");
  EXPECT_EQ(shell.run("hubbub export ops > ops.jsonl && hubbub import copy < ops.jsonl").code, 0);
  EXPECT_EQ(out("hubbub sub copy --all -n 3"), "1\n2\n3\n");
  EXPECT_EQ(out("hubbub export copy | wc -l"), "4\n");
  EXPECT_THAT(out("hubbub sub --json copy --from 2 -n 1"), HasSubstr(R"("original-seq":"2"})"));
  const auto refused = shell.run("(head -1 ops.jsonl; echo rubbish) | hubbub import again");
  EXPECT_EQ(refused.code, 65);
  EXPECT_THAT(refused.err, HasSubstr("line 2"));
  EXPECT_THAT(refused.err, HasSubstr("1 message acknowledged before that"));
}

TEST_F(Durable, ImportSaysWhatIsOnlyQueuedAndHowFarItGot) {
  start_hub();
  shell.run("seq 2 | hubbub pub ops; hubbub export ops > ops.jsonl");
  Job interrupted = shell.start("exec hubbub import copy");
  interrupted.feed(shell.run("head -1 ops.jsonl").out);
  const Job sub = shell.start("exec hubbub sub copy --all");
  sub.wait_for_out("1\n");
  interrupted.signal(SIGINT);
  EXPECT_EQ(interrupted.wait(), 130);
  EXPECT_THAT(interrupted.err(), HasSubstr("interrupted behind line 1: "));
  hub->stop();
  const auto refused = shell.run("(cat ops.jsonl; echo rubbish) | hubbub import again");
  EXPECT_EQ(refused.code, 65);
  EXPECT_THAT(refused.err, HasSubstr("0 messages acknowledged, 2 more wait for the next pub before that"));
}

TEST_F(Durable, ImportCountsNoLineThatItHasOnlyRead) {
  start_hub();
  shell.run("head -c 1000000 /dev/zero | tr '\\0' x | hubbub pub ops --whole; hubbub export ops > ops.jsonl");
  const auto line = shell.run("cat ops.jsonl").out;
  Job job = shell.start("exec hubbub import copy");
  job.feed(line);
  const Job sub = shell.start("exec hubbub sub copy --all -F '{seq}'");
  sub.wait_for_out("1\n");
  shell.run("hubbub ping -c 1");  // and its acknowledgement is out
  hub->pause();
  for (int i = 0; i < 6; ++i) job.feed(line);  // of which 4 MiB are taken, and one more is read
  job.signal(SIGINT);
  EXPECT_EQ(job.wait(), 130);
  EXPECT_THAT(job.err(), HasSubstr("interrupted behind line 6: "));
  hub->signal(SIGCONT);
}

TEST_F(Durable, AnExportThatTheHubsMemoryDidNotOutliveFails) {
  hub = std::make_unique<HubProcess>(std::vector<std::string>{"--listen", address, "--data", shell.path("data"),
                                                              "--rooms-rules", "lobby durability=memory"});
  shell.run("seq -f %01000g 2000 | hubbub pub lobby");
  shell.run("mkfifo gate");
  Job exported =
      shell.start("(hubbub export lobby; echo $? > code) | (head -c 10; echo begun >&2; read go < gate; cat > rest)");
  exported.wait_for_err("begun");
  hub->stop(SIGKILL);
  start_hub();
  shell.run("echo go > gate");
  exported.wait();
  EXPECT_EQ(out("cat code"), "75\n");
  EXPECT_THAT(exported.err(), HasSubstr("not complete"));
}

TEST_F(Durable, ACallWithAnIdTakesEffectOnceAlsoOverARestartOfTheHub) {
  start_hub();
  const std::string call = "hubbub call --id deploy-1 room.post room=ops body=deployed";
  const auto first = out(call);
  EXPECT_THAT(first, StartsWith(R"({"seq":1,)"));
  EXPECT_EQ(out(call), first);
  hub->stop(SIGKILL);
  start_hub();
  EXPECT_EQ(out(call), first);
  const auto other = shell.run("hubbub call --id deploy-1 room.post room=ops body=rolled-back");
  EXPECT_NE(other.code, 0);
  EXPECT_THAT(other.err, HasSubstr("this id was given to another call"));
  EXPECT_EQ(out("hubbub history ops -F '{body}'"), "deployed\n");
}

}  // namespace
}  // namespace hubbub::test
