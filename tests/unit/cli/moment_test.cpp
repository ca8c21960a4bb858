#include "client/cli/moment.hpp"

#include <gtest/gtest.h>

#include "common/time_text.hpp"

namespace hubbub::cli {
namespace {

const WallTime now{1'700'000'000'000'000'000};

std::string moment(std::string_view text) {
  const auto parsed = parse_moment(text, now);
  return parsed ? rfc3339(*parsed, 0) : "refused";
}

TEST(Moment, IsSoLongAgo) {
  EXPECT_EQ(parse_moment("2h", now)->ns, now.ns - 7'200'000'000'000);
  EXPECT_EQ(parse_moment("1h30m", now)->ns, now.ns - 5'400'000'000'000);
  EXPECT_EQ(parse_moment("100y", now).has_value(), false);
}

TEST(Moment, IsADateOrADateAndATime) {
  EXPECT_EQ(moment("2026-11-01T12:00Z"), "2026-11-01T12:00:00Z");
  EXPECT_EQ(moment("2026-11-01T12:00:30Z"), "2026-11-01T12:00:30Z");
  EXPECT_EQ(moment("2026-11-01 12:00Z"), "2026-11-01T12:00:00Z");
  EXPECT_EQ(moment("2026-11-01Z"), "2026-11-01T00:00:00Z");
}

TEST(Moment, IsLocalTimeUnlessItSaysOtherwise) {
  ::setenv("TZ", "America/New_York", 1);
  ::tzset();
  EXPECT_EQ(moment("2026-11-15T12:00"), "2026-11-15T17:00:00Z");
  ::unsetenv("TZ");
  ::tzset();
}

TEST(Moment, ThatIsToComeIsTheNextTimeTheClockShowsItOrADate) {
  ::setenv("TZ", "UTC", 1);
  ::tzset();  // now: 22:13:20
  const auto to_come = [](std::string_view text) {
    const auto parsed = parse_moment_to_come(text, now);
    return parsed ? rfc3339(*parsed, 0) : parsed.error().sentence;
  };
  EXPECT_EQ(to_come("22:14"), "2023-11-14T22:14:00Z");
  EXPECT_EQ(to_come("22:13"), "2023-11-15T22:13:00Z") << "today it has been";
  EXPECT_EQ(to_come("22:13:21"), "2023-11-14T22:13:21Z");
  EXPECT_EQ(to_come("2026-12-24 18:00"), "2026-12-24T18:00:00Z");
  EXPECT_EQ(to_come("2026-12-24T18:00:00Z"), "2026-12-24T18:00:00Z");
  EXPECT_EQ(to_come("2020-01-01"), "'2020-01-01' has been; say a time that is to come");
  for (const auto* text : {"", "25:00", "10m", "tomorrow"})
    EXPECT_NE(to_come(text).find("is no point in time"), std::string::npos) << text;
  ::unsetenv("TZ");
  ::tzset();
}

TEST(Moment, RefusesWhatIsNone) {
  for (const auto* text :
       {"", "yesterday", "2026-13-01", "2026-02-30", "2026-11-01T25:00", "12:00", "2026-11-01T12:00X"})
    EXPECT_EQ(moment(text), "refused") << text;
}

}  // namespace
}  // namespace hubbub::cli
