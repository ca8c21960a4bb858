#include "client/agent/kept_helper.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <csignal>
#include <vector>

#include "tests/support/loop.hpp"

namespace hubbub::agent {
namespace {

using test::run_until;
using testing::HasSubstr;

class KeptHelperTest : public testing::Test {
 protected:
  KeptHelperTest() { std::signal(SIGPIPE, SIG_IGN); }

  void keeps(const std::string& command) {
    Program program;
    program.words = {"sh", "-c", command};
    keeps(std::move(program));
  }
  void keeps(Program program) {
    helper.emplace(loop, std::move(program), limits,
                   KeptHelper::Events{[this](std::string_view line) { lines.emplace_back(line); },
                                      [this](std::string sentence) { notes.push_back(std::move(sentence)); }},
                   waits);
    helper->start();
  }
  bool says(std::size_t count) {
    return run_until(loop, [=, this] { return lines.size() >= count; });
  }

  asio::io_context loop;
  HelperLimits limits;
  RestartWaits waits{std::chrono::milliseconds(5), std::chrono::milliseconds(40), std::chrono::milliseconds(60'000)};
  std::vector<std::string> lines, notes;
  std::optional<KeptHelper> helper;
};

TEST_F(KeptHelperTest, IsStartedAgainWheneverItEnds) {
  keeps("echo $$; exit 1");
  ASSERT_TRUE(says(3));
  EXPECT_NE(lines[0], lines[1]);
  EXPECT_THAT(notes.at(0), testing::MatchesRegex("sh exited with status 1; it is started again in 0\\.[0-9] s"));
}

TEST_F(KeptHelperTest, IsStartedLaterAndLaterIfItEndsAtOnce) {
  waits = {std::chrono::milliseconds(50), std::chrono::milliseconds(60'000), std::chrono::milliseconds(60'000)};
  keeps("exit 0");
  const auto began = std::chrono::steady_clock::now();
  ASSERT_TRUE(run_until(loop, [this] { return notes.size() >= 5; }));
  EXPECT_GE(std::chrono::steady_clock::now() - began, std::chrono::milliseconds(25 + 50 + 100 + 200));
}

TEST_F(KeptHelperTest, ThatIsNotThereIsTriedAgain) {
  Program program;
  program.words = {"/nowhere/helper"};
  keeps(std::move(program));
  ASSERT_TRUE(run_until(loop, [this] { return notes.size() >= 2; }));
  EXPECT_THAT(notes.front(), HasSubstr("can't be started: No such file"));
}

TEST_F(KeptHelperTest, GetsWhatIsSentAndIsToldOnceWhatItDoesNotRead) {
  limits.input_bytes_max = 100'000;
  keeps("read -r line; echo \"$line\"; sleep 1000");
  EXPECT_TRUE(helper->send("first\n"));
  ASSERT_TRUE(says(1));
  EXPECT_EQ(lines.front(), "first");
  while (helper->send(std::string(1000, 'x'))) continue;
  EXPECT_FALSE(helper->send(std::string(1000, 'x')));
  EXPECT_EQ(helper->dropped(), 2u);
  EXPECT_THAT(notes, testing::ElementsAre(HasSubstr("doesn't read")));
}

TEST_F(KeptHelperTest, IsStoppedForGood) {
  keeps("echo $$; exec sleep 1000");
  ASSERT_TRUE(says(1));
  bool stopped = false;
  helper->stop(std::chrono::milliseconds(60'000), [&] { stopped = true; });
  ASSERT_TRUE(run_until(loop, [&] { return stopped; }));
  EXPECT_NE(::kill(std::stoi(lines.front()), 0), 0);
  EXPECT_FALSE(helper->is_running());
  EXPECT_TRUE(notes.empty());
}

}  // namespace
}  // namespace hubbub::agent
