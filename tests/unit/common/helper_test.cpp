#include "common/helper.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/wait.h>

#include <csignal>
#include <vector>

#include "tests/support/loop.hpp"

namespace hubbub {
namespace {

using test::run_until;
using testing::ElementsAre;
using testing::SizeIs;

class HelperTest : public testing::Test {
 protected:
  HelperTest() { std::signal(SIGPIPE, SIG_IGN); }

  void starts(const std::string& command) {
    Program program;
    program.words = {"sh", "-c", command};
    Helper::Events events;
    events.line = [this](std::string_view line) { lines.emplace_back(line); };
    events.ended = [this](int status) { ended = status; };
    auto started = Helper::start(loop, std::move(program), limits, std::move(events));
    ASSERT_TRUE(started) << started.error().message();
    helper = *started;
  }
  bool ends() {
    return run_until(loop, [this] { return ended.has_value(); });
  }
  bool says(std::size_t count) {
    return run_until(loop, [=, this] { return lines.size() >= count; });
  }

  asio::io_context loop;
  HelperLimits limits;
  std::vector<std::string> lines;
  std::optional<int> ended;
  std::shared_ptr<Helper> helper;
};

TEST_F(HelperTest, IsToldAndSaysSomething) {
  starts("sed 's/^/got /'; echo to stderr >&2; printf 'no newline'; exit 3");
  EXPECT_TRUE(helper->send("one\n"));
  EXPECT_TRUE(helper->send("two\n"));
  helper->end_input();
  ASSERT_TRUE(ends());
  EXPECT_THAT(lines, ElementsAre("got one", "got two", "to stderr", "no newline"));
  EXPECT_EQ(WEXITSTATUS(*ended), 3);
  EXPECT_TRUE(helper->has_ended());
}

TEST_F(HelperTest, GetsWhatIsLargerThanAPipe) {
  starts("wc -c");
  const std::string much(1'000'000, 'x');
  EXPECT_TRUE(helper->send(much));
  helper->end_input();
  ASSERT_TRUE(ends());
  EXPECT_THAT(lines, ElementsAre("1000000"));
}

TEST_F(HelperTest, ThatDoesNotReadIsSentNoMoreThanItsLimit) {
  limits.input_bytes_max = 200'000;
  starts("echo began; sleep 1000");
  const std::string part(10'000, 'x');
  std::size_t taken = 0;
  while (taken < 100 && helper->send(part)) ++taken;
  EXPECT_LT(taken, 100u);
  EXPECT_LE(helper->bytes_waiting(), 200'000u);
  EXPECT_TRUE(says(1));
  helper->stop(std::chrono::milliseconds(60'000));
  EXPECT_TRUE(ends());
}

TEST_F(HelperTest, ThatHasClosedItsInputIsSentNoMore) {
  starts("exec 0<&-; echo closed; sleep 1000");
  ASSERT_TRUE(says(1));
  EXPECT_TRUE(run_until(loop, [&] { return !helper->send("x") || !helper->send("x"); }));
  helper->abandon();
}

TEST_F(HelperTest, ThatFloodsIsReadSoManyLinesASecondAndWaitsMeanwhile) {
  limits.lines_per_second_max = 5;
  starts("while :; do echo flood; done");
  const auto began = std::chrono::steady_clock::now();
  ASSERT_TRUE(says(12));
  EXPECT_GE(std::chrono::steady_clock::now() - began, std::chrono::milliseconds(1900));
  helper->stop(std::chrono::milliseconds(60'000));
  ASSERT_TRUE(ends());
  const auto seconds = std::chrono::ceil<std::chrono::seconds>(std::chrono::steady_clock::now() - began).count();
  EXPECT_LE(lines.size(), static_cast<std::size_t>(5 * (seconds + 1)))
      << "what lay in the pipe at the end is no way round it";
  EXPECT_GT(helper->lines_left_out(), 0u);
}

TEST_F(HelperTest, ThatWritesOneLineWithoutAnEndIsBoundedToo) {
  limits.line_bytes_max = 100;
  limits.lines_per_second_max = 5;
  starts("head -c 300000 /dev/zero | tr '\\0' y; echo; echo next");
  ASSERT_TRUE(run_until(loop, [&] { return !lines.empty(); }));
  EXPECT_EQ(lines.front(), std::string(100, 'y'));
  ASSERT_TRUE(ends());
  EXPECT_LE(lines.size(), 2u);
}

TEST_F(HelperTest, HasEndedThoughAChildOfItKeepsThePipes) {
  starts("sleep 1000 & echo $!");
  ASSERT_TRUE(ends());
  ASSERT_THAT(lines, SizeIs(1));
  const auto left_behind = std::stoi(lines.front());
  EXPECT_EQ(::kill(left_behind, SIGKILL), 0) << "it lives on, and writes to nobody";
}

TEST_F(HelperTest, IsKilledWithItsWholeGroupIfItDoesNotHearSigterm) {
  starts("trap '' TERM; sleep 1000 & echo $!; wait; wait");
  ASSERT_TRUE(says(1));
  helper->stop(std::chrono::milliseconds(50));
  ASSERT_TRUE(ends());
  EXPECT_EQ(WTERMSIG(*ended), SIGKILL);
  const auto child = std::stoi(lines.front());
  EXPECT_TRUE(run_until(loop, [&] {
    const auto stat = "/proc/" + std::to_string(child);
    return ::kill(child, 0) != 0 || ::access(stat.c_str(), F_OK) != 0 ||
           ::system(("grep -q ') Z' " + stat + "/stat").c_str()) == 0;
  }));
}

TEST_F(HelperTest, TakesItsGroupWithItWhenItHearsSigterm) {
  starts("(trap '' TERM; echo $$; exec sleep 1000) & read -r word; echo; wait");
  ASSERT_TRUE(says(1));
  const auto group = helper->pid();
  helper->stop(std::chrono::milliseconds(60'000));
  ASSERT_TRUE(ends());
  EXPECT_TRUE(run_until(loop, [&] {
    return ::system(("! cut -d' ' -f3,5 /proc/[0-9]*/stat 2>/dev/null | grep -q '^[^Z] " + std::to_string(group) + "$'")
                        .c_str()) == 0;
  }));
}

TEST_F(HelperTest, SaysNoMoreOnceItIsAbandoned) {
  limits.lines_per_second_max = 1'000'000;
  starts("while :; do echo more; done");
  ASSERT_TRUE(says(1));
  helper->abandon();
  const auto count = lines.size();
  EXPECT_TRUE(run_until(loop, [&] { return helper->has_ended(); }));
  EXPECT_EQ(lines.size(), count);
  EXPECT_FALSE(ended);
}

TEST_F(HelperTest, IsCollectedThoughItsOwnerIsGone) {
  starts("echo began; sleep 1000");
  ASSERT_TRUE(says(1));
  const auto pid = helper->pid();
  helper->abandon();
  helper.reset();
  EXPECT_TRUE(run_until(loop, [&] { return ::kill(pid, 0) != 0; }));
}

TEST_F(HelperTest, ThatCannotBeStartedIsSaid) {
  Program program;
  program.words = {"/nowhere/helper"};
  const auto started = Helper::start(loop, std::move(program), limits, {});
  ASSERT_FALSE(started);
  EXPECT_EQ(started.error().message(), "No such file or directory");
}

}  // namespace
}  // namespace hubbub
