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

TEST(Moment, RefusesWhatIsNone) {
  for (const auto* text :
       {"", "yesterday", "2026-13-01", "2026-02-30", "2026-11-01T25:00", "12:00", "2026-11-01T12:00X"})
    EXPECT_EQ(moment(text), "refused") << text;
}

}  // namespace
}  // namespace hubbub::cli
