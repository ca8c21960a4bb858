#include "client/cli/ipc/chart.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace hubbub::ipc {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;
using testing::Not;

Figures figures(std::chrono::nanoseconds p50, std::chrono::nanoseconds p99, std::uint64_t messages_per_second) {
  return {1'000, p50, p99, messages_per_second, 1s, 128};
}

const std::vector<Row> rows = {
    {"pipe", figures(10us, 100us, 812'000)},
    {"spin", figures(100ns, 150ns, 24'100'000)},
    {"queue", fail(Status::unavailable, "no room for queues")},
};

TEST(Chart, HasALineForEachMechanismWithItsFiguresOrTheReason) {
  EXPECT_EQ(chart(rows, {81, false}),
            "                 ROUND TRIP              ONE WAY   p50 and p99 us, log scale\n"
            "            p50 us   p99 us   messages/s    MB/s   0.1       1         10\n"
            "pipe          10.0      100        812 k     104   ####################----------\n"
            "spin          0.10     0.15       24.1 M    3085   #-\n"
            "queue     no room for queues\n");
}

TEST(Chart, HasBlocksAndAMicroSignWhereTheyCanBeShown) {
  const auto text = chart(rows, {81, true});
  EXPECT_THAT(text, HasSubstr("p50 and p99 µs, log scale\n"));
  EXPECT_THAT(text, HasSubstr("████████████████████░░░░░░░░░░\n"));
}

TEST(Chart, UsesTheWidthThatThereIs) {
  EXPECT_THAT(chart(rows, {111, false}), HasSubstr(std::string(40, '#') + std::string(20, '-') + "\n"));
  EXPECT_THAT(chart(rows, {1'000, false}), Not(HasSubstr(std::string(100, '-'))));
}

TEST(Chart, LeavesOutTheBarsWhereThereIsNoRoom) {
  EXPECT_THAT(chart(rows, {77, false}), HasSubstr("#"));
  const auto text = chart(rows, {76, false});
  EXPECT_THAT(text, Not(HasSubstr("#")));
  EXPECT_THAT(text, Not(HasSubstr("log")));
  EXPECT_THAT(text, HasSubstr("pipe          10.0      100        812 k     104\n"));
}

TEST(Chart, HasNoHeadingOverReasonsAlone) {
  EXPECT_EQ(chart({rows.back()}, {80, false}), "queue     no room for queues\n");
}

TEST(Chart, IsColouredOnlyWhereThatIsWanted) {
  EXPECT_THAT(chart(rows, {80, true, true}), HasSubstr("\x1b["));
  EXPECT_THAT(chart(rows, {80, true, false}), Not(HasSubstr("\x1b[")));
}

TEST(Chart, ShowsThreeDigitsThatMatter) {
  EXPECT_EQ(show_microseconds(214ns), "0.21");
  EXPECT_EQ(show_microseconds(9'999ns), "10.0");
  EXPECT_EQ(show_microseconds(15'250ns), "15.2");
  EXPECT_EQ(show_microseconds(7'998us), "7998");
  EXPECT_EQ(show_rate(950), "950");
  EXPECT_EQ(show_rate(9'500), "9.50 k");
  EXPECT_EQ(show_rate(999'700), "1.00 M");
}

TEST(Headline, TellsOnWhatMachineItWas) {
  EXPECT_EQ(headline({2, 0.314}, 128), "Two processes, 2 CPUs (load average before: 0.31), messages of 128 bytes.");
  EXPECT_THAT(headline({1, 0}, 8), HasSubstr("1 CPU ("));
}

}  // namespace
}  // namespace hubbub::ipc
