#include <fcntl.h>

#include "common/descriptor.hpp"
#include "tests/unit/cli/serving.hpp"

namespace hubbub::cli {
namespace {

using namespace std::chrono_literals;
using test::alive_in_group;
using test::Is;
using test::open_descriptors;
using testing::AnyOf;
using testing::Contains;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::StartsWith;

class ExecHandler : public test::Serving {
 protected:
  void serves(std::string command) {
    handler =
        make_exec_handler(loop, std::move(command), limits, [this](std::string_view line) { told.emplace_back(line); });
  }
  Served gives(std::string command, std::string arguments = "{}") {
    serves(std::move(command));
    return called(std::move(arguments));
  }
};

// ── in and out ──────────────────────────────────────────────────────────────────────────────────────────────────────

TEST_F(ExecHandler, GivesTheArgumentsAsALineAndTakesWhatIsWrittenLessOneNewline) {
  EXPECT_THAT(gives("read -r line; printf '<%s>\\n' \"$line\"", R"({"by":2})"), Is(Status::ok, R"(<{"by":2}>)"));
  EXPECT_THAT(gives("cat; echo end", R"({"by":2})"), Is(Status::ok, "{\"by\":2}\nend"));
  EXPECT_THAT(gives("printf 'two\\n\\n'"), Is(Status::ok, "two\n"));
  EXPECT_THAT(gives("printf 'no newline'"), Is(Status::ok, "no newline"));
  EXPECT_THAT(gives("true"), Is(Status::ok, ""));
}

TEST_F(ExecHandler, TakesAClosedStdoutAsAnEmptyResult) {
  EXPECT_THAT(gives("exec 1>&-; cat > /dev/null"), Is(Status::ok, ""));
}

TEST_F(ExecHandler, TakesAnyBytes) {
  EXPECT_THAT(gives(R"(printf '\000\377\n\001')"), Is(Status::ok, std::string("\0\xff\n\1", 4)));
}

TEST_F(ExecHandler, TellsWhatTheCallIsInTheEnvironment) {
  variables = {"HUBBUB_METHOD=scale", "HUBBUB_FROM=alice"};
  EXPECT_THAT(gives("echo $HUBBUB_METHOD $HUBBUB_FROM"), Is(Status::ok, "scale alice"));
}

TEST_F(ExecHandler, PassesItsStderrOn) {
  EXPECT_THAT(gives("echo one >&2; printf 'two\\033[2J' >&2"), Is(Status::ok, ""));
  EXPECT_THAT(told, testing::ElementsAre("one", "two\\x1b[2J"));
}

TEST_F(ExecHandler, LeavesTheProcessNoDescriptorOfOursAndASessionOfItsOwn) {
  const Descriptor inheritable(::fcntl(STDIN_FILENO, F_DUPFD, 100));
  const auto its = "/proc/$$/fd/" + std::to_string(inheritable.get());
  const auto served = gives("[ -e " + its + " ] && echo open; cut -d' ' -f6 /proc/$$/stat; echo $$");
  ASSERT_THAT(served, Is(Status::ok, testing::MatchesRegex("[0-9]+\n[0-9]+")));
  EXPECT_EQ(std::stoi(served.result), std::stoi(served.result.substr(served.result.find('\n'))));
}

TEST_F(ExecHandler, DoesNotMindAProgramThatDoesNotRead) {
  const auto much = "[" + std::string(900'000, '1') + "]";
  EXPECT_THAT(gives("echo done", much), Is(Status::ok, "done"));
  EXPECT_THAT(gives("exec 0<&-; echo closed", much), Is(Status::ok, "closed"));
  EXPECT_THAT(gives("head -c 3", much), Is(Status::ok, "[11"));
}

TEST_F(ExecHandler, GivesASlowReaderAllOfIt) {
  const auto much = "[" + std::string(900'000, '1') + "]";
  const std::string part = "n=$(dd bs=65536 count=1 2>/dev/null | wc -c)";
  EXPECT_THAT(gives(part + "; while [ $n -gt 0 ]; do all=$((all + n)); " + part + "; done; echo $all", much),
              Is(Status::ok, "900003"));
}

// ── its end as a status ─────────────────────────────────────────────────────────────────────────────────────────────

TEST_F(ExecHandler, MakesTheExitCodeAStatus) {
  const std::map<int, Status> table = {{64, Status::invalid_argument},
                                       {65, Status::invalid_argument},
                                       {66, Status::not_found},
                                       {69, Status::unavailable},
                                       {70, Status::internal},
                                       {75, Status::resource_exhausted},
                                       {77, Status::permission_denied},
                                       {124, Status::deadline_exceeded},
                                       {126, Status::unimplemented},
                                       {127, Status::unimplemented},
                                       {1, Status::unknown},
                                       {255, Status::unknown}};
  serves("read -r code; exit $code");
  for (const auto& [code, status] : table)
    EXPECT_THAT(called(std::to_string(code)), Is(status, "the command exited with " + std::to_string(code)));
}

TEST_F(ExecHandler, SaysThatTheCommandIsNotThere) {
  EXPECT_THAT(gives("/nowhere/scale"), Is(Status::unimplemented, HasSubstr("not found")));
  EXPECT_THAT(gives("/dev/null"), Is(Status::unimplemented, HasSubstr("denied")));
}

TEST_F(ExecHandler, NamesTheSignalThatKilledIt) {
  EXPECT_THAT(gives("kill -KILL $$"), Is(Status::internal, "the command was killed by SIGKILL"));
  EXPECT_THAT(gives("echo oops >&2; kill -TERM $$"), Is(Status::internal, "the command was killed by SIGTERM: oops"));
}

TEST_F(ExecHandler, MakesTheLastWordsOnStderrTheSentence) {
  EXPECT_THAT(gives("echo first >&2; echo 'no such image' >&2; echo '  ' >&2; echo not this; exit 66"),
              Is(Status::not_found, "no such image"));
  EXPECT_THAT(gives("printf 'bad \\377 \\033[1m' >&2; exit 1"), Is(Status::unknown, "bad \xef\xbf\xbd \\x1b[1m"));
  const auto cut = gives("head -c 5000 /dev/zero | tr '\\0' x >&2; exit 3");
  EXPECT_EQ(cut.status, Status::unknown);
  EXPECT_LE(cut.result.size(), sentence_bytes_max);
  EXPECT_GT(cut.result.size(), sentence_bytes_max - 8);
}

TEST_F(ExecHandler, SaysWhyItCannotBeStarted) {
  variables = {"HUBBUB_CALL=" + std::string(300'000, 'x')};
  EXPECT_THAT(gives("true"), Is(Status::out_of_range, HasSubstr("can't be started")));
  EXPECT_EQ(handler->running(), 0u);
}

// ── what is too much ────────────────────────────────────────────────────────────────────────────────────────────────

TEST_F(ExecHandler, KillsWhatWritesMoreThanAResultMayBe) {
  EXPECT_THAT(gives("echo pid $$ >&2; head -c 100000000 /dev/zero; sleep 1000"),
              Is(Status::out_of_range, "the command's result is longer than 1000000 bytes"));
  EXPECT_TRUE(dies(hears_pid()));
}

TEST_F(ExecHandler, TakesAResultThatIsJustAsLongAsItMayBe) {
  limits.result_bytes_max = 5;
  EXPECT_THAT(gives("printf 12345"), Is(Status::ok, "12345"));
  EXPECT_THAT(gives("printf '12345\\n'"), Is(Status::ok, "12345"));
  EXPECT_THAT(gives("printf 123456"), Is(Status::out_of_range, HasSubstr("5 bytes")));
  EXPECT_THAT(gives("printf '12345\\n\\n'"), Is(Status::out_of_range, HasSubstr("5 bytes")));
}

TEST_F(ExecHandler, PassesOnOnlySoManyLinesOfAFlood) {
  EXPECT_THAT(gives("yes | head -c 5000000 >&2; echo done"), Is(Status::ok, "done"));
  EXPECT_GE(told.size(), 100u);
  EXPECT_LT(told.size(), 10'000u) << "of 2,500,000";
}

TEST_F(ExecHandler, IsDoneThoughChildrenOfItKeepThePipes) {
  const auto served = gives("sleep 1000 & echo $!");
  ASSERT_EQ(served.status, Status::ok);
  EXPECT_EQ(::kill(std::stoi(served.result), SIGKILL), 0) << "it lives on, and writes to nobody";
}

TEST_F(ExecHandler, KillsAForkBombThatHearsNoSigterm) {
  limits.grace = 50ms;
  serves(
      "trap '' TERM; bomb() { if [ $1 -gt 0 ]; then bomb $(($1 - 1)) & bomb $(($1 - 1)) & fi; sleep 1000; };"
      "echo pid $$ >&2; bomb 6");
  const auto id = calls();
  const auto group = hears_pid();
  ASSERT_TRUE(runs_until([&] { return alive_in_group(group) > 20; }));
  handler->stop(id);
  EXPECT_THAT(outcome(id), Is(Status::cancelled, testing::Not(IsEmpty())));
  EXPECT_TRUE(dies(group));
}

// ── deadlines and stopping ──────────────────────────────────────────────────────────────────────────────────────────

TEST_F(ExecHandler, EndsAtItsDeadline) {
  serves("echo pid $$ >&2; trap 'exit 0' TERM; sleep 1000 & wait");
  const auto id = calls("{}", 300ms);
  EXPECT_THAT(outcome(id), Is(Status::deadline_exceeded, "the command wasn't done in time"));
  EXPECT_TRUE(dies(hears_pid()));
}

TEST_F(ExecHandler, IsKilledAfterItsDeadlineIfItDoesNotHear) {
  limits.grace = 50ms;
  serves("trap '' TERM; echo pid $$ >&2; sleep 1000; sleep 1000");
  const auto id = calls("{}", 300ms);
  EXPECT_EQ(outcome(id).status, Status::deadline_exceeded);
  EXPECT_TRUE(dies(hears_pid()));
}

TEST_F(ExecHandler, IsCancelledWhenNobodyWants) {
  limits.grace = 60'000ms;
  serves("echo pid $$ >&2; echo half a result; sleep 1000; echo");
  const auto id = calls();
  const auto group = hears_pid();
  handler->stop(id);
  EXPECT_EQ(outcome(id).status, Status::cancelled);
  EXPECT_TRUE(dies(group));
  EXPECT_EQ(handler->running(), 0u);
  handler->stop(id);  // nothing
}

TEST_F(ExecHandler, GivesItsGraceToWhatAShellHasStarted) {
  limits.grace = 60'000ms;
  serves("(trap 'sleep 0.1; echo cleaned up >&2; exit' TERM; echo ready >&2; while :; do sleep 0.02; done); true");
  const auto id = calls();
  hears("ready");
  handler->stop(id);
  EXPECT_EQ(outcome(id).status, Status::cancelled);
  EXPECT_THAT(told, Contains("cleaned up"));
}

TEST_F(ExecHandler, TakesWithItWhatHasClosedItsStreams) {
  limits.grace = 60'000ms;
  serves("(trap '' TERM; echo pid $$ >&2; exec >/dev/null 2>&1; sleep 1000; sleep 1000) & wait");
  const auto id = calls();
  const auto group = hears_pid();
  handler->stop(id);
  EXPECT_EQ(outcome(id).status, Status::cancelled);
  EXPECT_TRUE(dies(group));
}

TEST_F(ExecHandler, HasOneOutcomeWhenItIsStoppedJustAsItEnds) {
  serves("exit 0");
  for (int round = 0; round < 60; ++round) {
    const auto id = calls();
    const auto until = std::chrono::steady_clock::now() + std::chrono::microseconds(100 * round);
    while (std::chrono::steady_clock::now() < until) loop.restart(), loop.poll();
    handler->stop(id);
    handler->stop(id);
    EXPECT_THAT(outcome(id).status, AnyOf(Status::ok, Status::cancelled));
  }
  EXPECT_EQ(handler->running(), 0u);
}

TEST_F(ExecHandler, EndsWithAllThatRunsAndTakesNoMore) {
  serves("echo pid $$ >&2; trap '' TERM; sleep 1000; sleep 1000");
  const auto one = calls(), other = calls();
  const auto group = hears_pid();
  int ended = 0;
  handler->end(50ms, [&] {
    ++ended;
    EXPECT_EQ(handler->running(), 0u);
    EXPECT_THAT(outcomes, testing::SizeIs(3));
  });
  EXPECT_EQ(ended, 0);
  const auto late = calls();
  ASSERT_TRUE(runs_until([&] { return ended > 0; }));
  EXPECT_EQ(outcome(one).status, Status::cancelled);
  EXPECT_EQ(outcome(other).status, Status::cancelled);
  EXPECT_EQ(outcome(late).status, Status::unavailable);
  EXPECT_TRUE(dies(group));
  EXPECT_EQ(ended, 1);
}

TEST_F(ExecHandler, HasEndedAtOnceWhereNothingRuns) {
  serves("true");
  bool ended = false;
  handler->end(50ms, [&] {
    ended = true;
    handler.reset();
  });
  EXPECT_FALSE(ended);
  EXPECT_TRUE(runs_until([&] { return ended; }));
}

TEST_F(ExecHandler, KillsWhatRunsWhenItGoes) {
  serves("echo pid $$ >&2; trap '' TERM; sleep 1000; sleep 1000");
  calls();
  const auto group = hears_pid();
  handler.reset();
  EXPECT_TRUE(dies(group));
  EXPECT_THAT(outcomes, IsEmpty());
}

TEST_F(ExecHandler, RunsFiftyAtOnceAndLeavesNoDescriptorOpen) {
  constexpr std::uint64_t all = 200, at_once = 50;
  serves("read -r n; sleep 0.0$((n % 7)); echo $n");
  called("1");  // the loop has its own by now
  const auto before = open_descriptors();
  ASSERT_TRUE(runs_until([&] {
    while (last_id < all && handler->running() < at_once) calls(std::to_string(last_id + 1));
    return outcomes.size() == all;
  }));
  for (const auto& [id, served] : outcomes) EXPECT_THAT(served, Is(Status::ok, std::to_string(id)));
  EXPECT_EQ(open_descriptors(), before);
}

}  // namespace
}  // namespace hubbub::cli
