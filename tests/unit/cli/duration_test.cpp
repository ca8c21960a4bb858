#include "common/duration.hpp"

#include <gtest/gtest.h>

namespace hubbub::cli {
namespace {

using namespace std::chrono_literals;

TEST(Duration, HasTheUnitsThatPeopleType) {
  EXPECT_EQ(*parse_duration("500ms"), 500ms);
  EXPECT_EQ(*parse_duration("2s"), 2s);
  EXPECT_EQ(*parse_duration("5m"), 5min);
  EXPECT_EQ(*parse_duration("1h"), 1h);
  EXPECT_EQ(*parse_duration("2d"), 48h);
}

TEST(Duration, TakesANumberAloneForSeconds) {
  EXPECT_EQ(*parse_duration("3"), 3s);
  EXPECT_EQ(*parse_duration("0.25"), 250ms);
}

TEST(Duration, TakesFractionsAndSums) {
  EXPECT_EQ(*parse_duration("1.5s"), 1500ms);
  EXPECT_EQ(*parse_duration("1h30m"), 90min);
}

TEST(Duration, RefusesTheRestAndShowsTheForms) {
  for (const auto* text : {"", "s", "-1s", "1y", "1 s", "1h30", "1e3", "inf", "1..5s", "99999999999d"}) {
    const auto parsed = parse_duration(text);
    ASSERT_FALSE(parsed) << text;
    EXPECT_NE(parsed.error().sentence.find("500ms, 2s, 1.5m"), std::string::npos);
  }
}

TEST(Duration, IsShownInItsLargestWholeUnit) {
  EXPECT_EQ(show_duration(0ms), "0ms");
  EXPECT_EQ(show_duration(1500ms), "1500ms");
  EXPECT_EQ(show_duration(90s), "90s");
  EXPECT_EQ(show_duration(2min), "2m");
}

TEST(Age, IsShownRoughly) {
  EXPECT_EQ(show_age(59s), "now");
  EXPECT_EQ(show_age(5min + 30s), "5m");
  EXPECT_EQ(show_age(47h), "47h");
  EXPECT_EQ(show_age(72h), "3d");
}

}  // namespace
}  // namespace hubbub::cli
