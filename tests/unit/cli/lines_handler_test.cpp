#include <cstdio>

#include "tests/unit/cli/serving.hpp"

namespace hubbub::cli {
namespace {

using namespace std::chrono_literals;
using test::Is;
using test::open_descriptors;
using testing::AnyOf;
using testing::Contains;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

/// For the commands: `next` reads a line, id is then that of the call; `answer JSON` answers it.
const std::string words = R"(next() { read -r line && id=${line#*:} && id=${id%%,*}; };)"
                          R"(answer() { printf '{"id":%s,"result":%s}\n' $id "$1"; };)"
                          "echo pid $$ >&2;";

class LinesHandler : public test::Serving {
 protected:
  LinesHandler() { limits.restart_min = 10ms; }
  void serves(const std::string& command) {
    handler =
        make_lines_handler(loop, words + command, limits, [this](std::string_view line) { told.emplace_back(line); });
  }
  /// Calls until it is answered: while the command isn't running that's refused.
  Served answered() {
    Served served;
    for (int tries = 0; tries < 1000 && served.result != "42"; ++tries) {
      served = called();
      const auto until = std::chrono::steady_clock::now() + 10ms;
      if (served.status != Status::ok) runs_until([&] { return std::chrono::steady_clock::now() > until; });
    }
    return served;
  }
};

// ── answers ─────────────────────────────────────────────────────────────────────────────────────────────────────────

TEST_F(LinesHandler, SendsALineForEachCallAndTakesOneForEachAnswer) {
  variables = {"HUBBUB_FROM=alice"};
  serves("while next; do answer \"$line\"; done");
  EXPECT_THAT(called(R"({"by":2})"),
              Is(Status::ok, R"({"id":1,"method":"scale","arguments":{"by":2},"from":"alice"})"));
  EXPECT_EQ(called().status, Status::ok);
  EXPECT_EQ(handler->running(), 0u);
}

TEST_F(LinesHandler, TakesAnswersInAnyOrder) {
  serves(
      "next; first=$id; next; second=$id; next; answer 3; id=$first; answer 1; id=$second; answer 2; cat >/dev/null");
  const auto first = calls(), second = calls(), third = calls();
  EXPECT_THAT(outcome(second), Is(Status::ok, "2"));
  EXPECT_THAT(outcome(third), Is(Status::ok, "3"));
  EXPECT_THAT(outcome(first), Is(Status::ok, "1"));
}

TEST_F(LinesHandler, HandsARefusalOn) {
  serves(R"(while next; do echo "{\"id\":$id,\"error\":\"no such image\",\"status\":\"not_found\"}"; done)");
  EXPECT_THAT(called(), Is(Status::not_found, "no such image"));
}

TEST_F(LinesHandler, AnswersManyCallsUnderWayAtOnce) {
  serves("while next; do answer $id; done");
  constexpr std::uint64_t all = 1000, at_once = 50;
  ASSERT_EQ(called().status, Status::ok);
  const auto before = open_descriptors();
  ASSERT_TRUE(runs_until([&] {
    while (last_id < all && handler->running() < at_once) calls("{}", 60'000ms);
    return outcomes.size() == all;
  }));
  for (const auto& [id, served] : outcomes) EXPECT_THAT(served, Is(Status::ok, std::to_string(id)));
  EXPECT_EQ(open_descriptors(), before);
}

TEST_F(LinesHandler, TakesLargeArgumentsAndResults) {
  serves("while next; do answer \"$line\"; done");
  EXPECT_GT(called("\"" + std::string(200'000, 'x') + "\"").result.size(), 200'000u);
}

TEST_F(LinesHandler, TellsOfLinesThatAreNoAnswersAndGoesOn) {
  serves(
      "echo ready; next; echo '{\"id\":99,\"result\":1}'; printf '\\377\\033\\n\\n'; echo \"{\\\"id\\\":$id}\"; answer "
      "42;"
      "cat > /dev/null");
  EXPECT_THAT(called(), Is(Status::ok, "42"));
  EXPECT_THAT(
      told, testing::IsSupersetOf(
                {"the command wrote no answer, but ready", "the command answered a call that isn't under way: 99",
                 "the command wrote no answer, but \xef\xbf\xbd\\x1b", "the command wrote no answer, but {\"id\":1}"}));
}

TEST_F(LinesHandler, LetsEmptyLinesBe) {
  serves("echo; next; echo; answer 42; cat > /dev/null");
  EXPECT_THAT(called(), Is(Status::ok, "42"));
  EXPECT_THAT(told, testing::Each(HasSubstr("pid ")));
}

TEST_F(LinesHandler, RefusesAResultThatIsTooLongAndSkipsTheRestOfItsLine) {
  limits.result_bytes_max = 10'000;
  serves(
      "big() { printf '{\"id\":%s,\"result\":\"' $id; head -c $1 /dev/zero | tr '\\0' x; echo '\"}'; };"
      "next; big 10000000; next; big 10100; next; big 9998; next; answer 42; cat > /dev/null");
  for (int i = 0; i < 2; ++i)
    EXPECT_THAT(called(), Is(Status::out_of_range, "the command's result is longer than 10000 bytes"));
  EXPECT_EQ(called().result.size(), 10'000u);
  EXPECT_THAT(called(), Is(Status::ok, "42"));
}

TEST_F(LinesHandler, PassesOnOnlySoManyLinesOfAFlood) {
  serves("yes | head -c 2000000 >&2; yes | head -c 2000000; while next; do answer 42; done");
  EXPECT_THAT(called(), Is(Status::ok, "42"));
  EXPECT_GE(told.size(), 100u);
  EXPECT_LT(told.size(), 10'000u) << "of two millions";
}

// ── its end ─────────────────────────────────────────────────────────────────────────────────────────────────────────

TEST_F(LinesHandler, LosesTheCallInWhichItEndsAndTakesTheNextOne) {
  const auto file = testing::TempDir() + "hubbub-lines-" + std::to_string(::getpid());
  serves("next; if [ ! -e " + file + " ]; then touch " + file +
         "; kill -KILL $$; fi; answer 42; while next; do answer 42; done");
  EXPECT_THAT(called(), Is(Status::unknown, "the command ended in the middle of the call: it was killed by SIGKILL"));
  EXPECT_THAT(answered(), Is(Status::ok, "42"));
  std::remove(file.c_str());
}

TEST_F(LinesHandler, RefusesCallsWhileItIsDown) {
  limits.restart_min = limits.restart_max = 60'000ms;
  serves("exit 3");
  EXPECT_THAT(hears("started again"), HasSubstr("the command exited with 3; it is started again in "));
  EXPECT_THAT(called(), Is(Status::unavailable, HasSubstr("isn't running")));
}

TEST_F(LinesHandler, GivesTheCallsThatItCannotHaveSeenToOthers) {
  serves("sleep 1000");
  const auto group = hears_pid();
  const auto begun = calls("\"" + std::string(200'000, 'x') + "\""), unseen = calls();
  ::kill(-group, SIGKILL);
  EXPECT_EQ(outcome(begun).status, Status::unknown);
  EXPECT_THAT(outcome(unseen), Is(Status::unavailable, "the command was killed by SIGKILL before it took the call"));
}

TEST_F(LinesHandler, IsStartedAgainLaterAndLater) {
  limits.restart_min = 16ms;
  limits.restart_max = 64ms;
  serves("exit 3");
  const auto waits = [this] {
    std::vector<int> list;
    for (const auto& line : told)
      if (const auto at = line.find("again in "); at != std::string::npos)
        list.push_back(std::stoi(line.substr(at + 9)));
    return list;
  };
  ASSERT_TRUE(runs_until([&] { return waits().size() >= 5; }));
  EXPECT_LE(waits()[0], 16);
  for (const int wait : {waits()[2], waits()[3], waits()[4]}) EXPECT_TRUE(wait >= 32 && wait <= 64) << wait;
}

TEST_F(LinesHandler, TakesAnAnswerWithoutANewlineAtItsEnd) {
  serves("next; printf '{\"id\":%s,\"result\":42}' $id");
  EXPECT_THAT(called(), Is(Status::ok, "42"));
}

TEST_F(LinesHandler, IsStartedAgainWhenItHasClosedItsStdout) {
  limits.grace = 50ms;
  serves("trap '' TERM; next; exec 1>&-; sleep 1000");
  EXPECT_THAT(called(), Is(Status::unknown, HasSubstr("SIGKILL")));
}

TEST_F(LinesHandler, TakesNoCallsOnceItHasClosedItsStdout) {
  limits.grace = 60'000ms;
  serves("trap '' TERM; exec 1>&-; sleep 1000; sleep 1000");
  std::uint64_t refused = 0;
  ASSERT_TRUE(runs_until([&] {
    refused = calls();
    loop.restart();
    loop.poll();
    return outcomes.contains(refused);
  }));
  EXPECT_THAT(outcomes[refused], Is(Status::unavailable, HasSubstr("isn't running")));
}

TEST_F(LinesHandler, IsStartedAgainWhenItHasClosedItsStdin) {
  limits.grace = 50ms;
  serves("exec 0<&-; echo closed >&2; sleep 1000");
  hears("closed");
  EXPECT_THAT(called(), Is(Status::unavailable, "the command has closed its stdin"));
  hears("started again");
}

// ── what it doesn't read or want ────────────────────────────────────────────────────────────────────────────────────

TEST_F(LinesHandler, KeepsOnlySoMuchForACommandThatNeverReads) {
  limits.grace = 50ms;
  serves("sleep 1000");
  const auto large = "\"" + std::string(500'000, 'x') + "\"";
  for (int i = 0; i < 20; ++i) calls(large, 100ms);
  for (std::uint64_t id = 1; id <= last_id; ++id)
    EXPECT_EQ(outcome(id).status, id <= 4 ? Status::deadline_exceeded : Status::resource_exhausted) << id;
  EXPECT_EQ(handler->running(), 0u);
}

TEST_F(LinesHandler, TellsTheCommandThatNobodyWantsACall) {
  limits.grace = 60'000ms;
  serves(
      "next; echo got >&2; read -r cancel; echo \"$cancel\" >&2; answer 42; next; echo \"$line\" >&2; answer 43;"
      "cat > /dev/null");
  const auto id = calls();
  hears("got");
  handler->stop(id);
  handler->stop(id);
  EXPECT_THAT(outcome(id), Is(Status::cancelled, Not(IsEmpty())));
  EXPECT_THAT(told, Contains("{\"id\":1,\"cancel\":true}"));
  EXPECT_THAT(called(), Is(Status::ok, "43")) << "it was told once";
}

TEST_F(LinesHandler, TellsTheCommandThatACallHasExpired) {
  limits.grace = 60'000ms;
  serves("next; echo \"$line\" >&2; read -r cancel; echo \"$cancel\" >&2; answer 42; cat > /dev/null");
  EXPECT_EQ(outcome(calls("{}", 100ms)).status, Status::deadline_exceeded);
  EXPECT_THAT(told, testing::IsSupersetOf({"{\"id\":1,\"method\":\"scale\",\"arguments\":{},\"deadline_ms\":100}",
                                           "{\"id\":1,\"cancel\":true}"}));
}

TEST_F(LinesHandler, DoesNotWaitLongerThanTheGraceAndLetsALateAnswerBe) {
  limits.grace = 20ms;
  serves("next; first=$id; next; next; second=$id; id=$first; answer 41; id=$second; answer 42; cat > /dev/null");
  const auto given_up = calls();
  handler->stop(given_up);
  EXPECT_EQ(outcome(given_up).status, Status::cancelled);
  EXPECT_THAT(called(), Is(Status::ok, "42"));
  EXPECT_THAT(told, testing::Each(Not(HasSubstr("under way"))));
}

TEST_F(LinesHandler, EndsWithItsProcess) {
  serves("trap '' TERM; sleep 1000; sleep 1000");
  const auto id = calls();
  const auto group = hears_pid();
  int ended = 0;
  handler->end(50ms, [&] { ++ended; });
  EXPECT_EQ(ended, 0);
  const auto late = calls();
  ASSERT_TRUE(runs_until([&] { return ended > 0; }));
  EXPECT_EQ(outcome(id).status, Status::cancelled);
  EXPECT_EQ(outcome(late).status, Status::unavailable);
  EXPECT_TRUE(dies(group));
  EXPECT_EQ(ended, 1);
}

TEST_F(LinesHandler, HasNotEndedBeforeItsProcess) {
  serves("trap '' TERM; sleep 1000; sleep 1000");
  const auto process = "/proc/" + std::to_string(hears_pid());
  bool ended = false;
  handler->end(50ms, [&] {
    ended = true;
    EXPECT_FALSE(std::filesystem::exists(process));
  });
  EXPECT_TRUE(runs_until([&] { return ended; }));
}

TEST_F(LinesHandler, EndsWhileItWaitsToBeStartedAgain) {
  limits.restart_min = limits.restart_max = 60'000ms;
  serves("exit 3");
  hears("started again");
  bool ended = false;
  handler->end(50ms, [&] {
    ended = true;
    handler.reset();
  });
  EXPECT_TRUE(runs_until([&] { return ended; }));
}

TEST_F(LinesHandler, KillsItsProcessWhenItGoes) {
  serves("trap '' TERM; sleep 1000; sleep 1000");
  calls();
  const auto group = hears_pid();
  handler.reset();
  EXPECT_TRUE(dies(group));
  EXPECT_THAT(outcomes, IsEmpty());
}

}  // namespace
}  // namespace hubbub::cli
