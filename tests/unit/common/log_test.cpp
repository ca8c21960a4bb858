#include "common/log.hpp"

#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <nlohmann/json.hpp>
#include <regex>
#include <sstream>
#include <thread>
#include <vector>

#include "tests/unit/common/in_a_child.hpp"

namespace hubbub {
namespace {

using log::Format;
using log::Level;

class Log : public testing::Test {
 protected:
  void TearDown() override { log::configure(Level::info, Format::text); }

  template <class Act>
  std::vector<std::string> lines_of(Act&& act) {
    testing::internal::CaptureStderr();
    act();
    std::istringstream out(testing::internal::GetCapturedStderr());
    std::vector<std::string> lines;
    for (std::string line; std::getline(out, line);) lines.push_back(line);
    return lines;
  }
  /// The one line, without its time.
  template <class Act>
  std::string line_of(Act&& act) {
    const auto lines = lines_of(act);
    EXPECT_EQ(lines.size(), 1u);
    return lines.empty() ? std::string() : lines.front().substr(std::string_view("2024-11-22T20:51:03.123Z ").size());
  }
};

TEST_F(Log, WritesTimeLevelMessageAndFields) {
  const auto lines = lines_of([] { log::info("listening", {{"address", "tcp://127.0.0.1:4848"}, {"port", 4848}}); });
  ASSERT_EQ(lines.size(), 1u);
  EXPECT_TRUE(std::regex_match(
      lines[0],
      std::regex(
          R"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z info  listening address=tcp://127\.0\.0\.1:4848 port=4848)")))
      << lines[0];
}

TEST_F(Log, WritesEveryTypeOfValue) {
  EXPECT_EQ(line_of([] {
              log::warn("x", {{"a", -1}, {"b", ~0ull}, {"c", true}, {"d", 0.5}, {"e", std::string("text")}});
            }),
            "warn  x a=-1 b=18446744073709551615 c=true d=0.5 e=text");
}

TEST_F(Log, QuotesWhatCouldBeReadAsSomethingElse) {
  EXPECT_EQ(line_of([] {
              log::info("x", {{"a", ""}, {"b", "two words"}, {"c", "k=v"}, {"d", "say \"hi\" \\o/"}});
            }),
            R"(info  x a="" b="two words" c="k=v" d="say \"hi\" \\o/")");
}

TEST_F(Log, LetsNobodyForgeALineOrReachTheTerminal) {
  const std::string hostile = "x\n2024-11-22T20:51:03.123Z error forged\x1b[2J\u202e\xff";
  for (const auto format : {Format::text, Format::json}) {
    log::configure(Level::info, format);
    const auto lines = lines_of([&] { log::info(hostile, {{"name", hostile}}); });
    ASSERT_EQ(lines.size(), 1u);
    EXPECT_EQ(lines[0].find_first_of("\x1b\xff"), std::string::npos) << lines[0];
    EXPECT_EQ(lines[0].find("\u202e"), std::string::npos) << lines[0];
  }
}

TEST_F(Log, WritesJsonThatAProgramReadsBack) {
  log::configure(Level::info, Format::json);
  const auto lines = lines_of([] {
    log::error("it's \"bad\"", {{"name", "a\nb"}, {"count", 3}, {"ok", false}, {"share", 0.25}});
  });
  ASSERT_EQ(lines.size(), 1u);
  const auto object = nlohmann::json::parse(lines[0]);
  EXPECT_EQ(object["level"], "error");
  EXPECT_EQ(object["message"], "it's \"bad\"");
  EXPECT_EQ(object["name"], "a\nb");
  EXPECT_EQ(object["count"], 3);
  EXPECT_EQ(object["ok"], false);
  EXPECT_EQ(object["share"], 0.25);
  EXPECT_TRUE(
      std::regex_match(object["time"].get<std::string>(), std::regex(R"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z)")));
}

TEST_F(Log, WritesOnlyWhatIsImportantEnough) {
  const auto all_levels = [] {
    log::trace("0");
    log::debug("1");
    log::info("2");
    log::warn("3");
    log::error("4");
  };
  for (std::size_t lowest = 0; lowest < log::level_names.size(); ++lowest) {
    log::configure(static_cast<Level>(lowest), Format::text);
    EXPECT_EQ(lines_of(all_levels).size(), log::level_names.size() - lowest);
    EXPECT_EQ(log::is_on(Level::debug), lowest <= 1);
  }
}

TEST_F(Log, KeepsLinesWholeWhenManyThreadsWriteAndTheFormatChanges) {
  const auto lines = lines_of([] {
    std::vector<std::thread> threads;
    for (int t = 0; t < 4; ++t)
      threads.emplace_back([t] {
        for (int i = 0; i < 200; ++i) {
          if (t == 0) log::configure(Level::info, i % 2 == 0 ? Format::json : Format::text);
          log::info("line", {{"thread", t}, {"i", i}});
        }
      });
    for (auto& thread : threads) thread.join();
  });
  ASSERT_EQ(lines.size(), 800u);
  const std::regex text(R"([-\d]+T[:.\d]+Z info  line thread=\d i=\d+)");
  for (const auto& line : lines) EXPECT_TRUE(nlohmann::json::accept(line) || std::regex_match(line, text)) << line;
}

TEST_F(Log, WritesWhatWasAskedForWhateverTheLevel) {
  log::configure(Level::error, Format::text);
  EXPECT_EQ(line_of([] { log::answer("summary"); }), "info  summary");
}

// ── in the background ────────────────────────────────────────────────────────────────────────────────────────────────

std::string read_all(int pipe) {
  std::string text;
  char buffer[4096];
  for (ssize_t size; (size = ::read(pipe, buffer, sizeof buffer)) > 0;)
    text.append(buffer, static_cast<std::size_t>(size));
  return text;
}

TEST(LogInTheBackground, WritesEverythingInOrder) {
  const auto told = in_a_child([](int pipe) {
    ::dup2(pipe, STDERR_FILENO);
    log::write_in_background();
    for (int i = 0; i < 500; ++i) log::info("line", {{"i", i}});
    log::finish(std::chrono::seconds(20));
  });
  std::istringstream lines(told);
  std::string line;
  for (int i = 0; i < 500; ++i) {
    std::getline(lines, line);
    EXPECT_TRUE(line.ends_with("line i=" + std::to_string(i))) << line;
  }
  std::getline(lines, line);
  EXPECT_EQ(line, "exit 0");
}

/// A pipe that holds 64 KiB stands for a pager that nobody scrolls.
TEST(LogInTheBackground, WaitsForNobodyWhoDoesNotReadAndSaysWhatWasLost) {
  constexpr int logged = 20'000;
  const auto told = in_a_child([](int pipe) {
    int stuck[2];
    if (::pipe(stuck) != 0) ::_exit(1);
    ::dup2(stuck[1], STDERR_FILENO);
    ::close(stuck[1]);
    log::write_in_background();
    for (int i = 0; i < logged; ++i) log::info("line");
    log::finish(std::chrono::milliseconds(10));
    tell(pipe, "went on");
    std::string text;
    std::thread reader([&] { text = read_all(stuck[0]); });
    log::finish(std::chrono::seconds(20));
    log::info("the last line");
    log::finish(std::chrono::seconds(20));
    ::close(STDERR_FILENO);
    reader.join();
    const auto notice = text.rfind("dropped_so_far=");
    const auto dropped = notice == std::string::npos ? 0 : std::stol(text.substr(notice + 15));
    const auto lines = std::count(text.begin(), text.end(), '\n');
    tell(pipe, dropped > 0 && lines + dropped > logged ? "all accounted for" : "lines are missing");
  });
  EXPECT_EQ(told, "went on\nall accounted for\nexit 0");
}

TEST(LogInTheBackground, LetsTheProcessEndAlthoughNobodyReads) {
  EXPECT_EQ(in_a_child([](int) {
              int stuck[2];
              if (::pipe(stuck) != 0) ::_exit(1);
              ::dup2(stuck[1], STDERR_FILENO);
              log::write_in_background();
              for (int i = 0; i < 5000; ++i) log::info("line");
              log::finish(std::chrono::milliseconds(10));
              std::exit(3);
            }),
            "exit 3");
}

}  // namespace
}  // namespace hubbub
