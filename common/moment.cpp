#include "common/moment.hpp"

#include <algorithm>
#include <array>
#include <ctime>
#include <optional>
#include <string>

#include "common/duration.hpp"

namespace hubbub {

namespace {

constexpr std::uint64_t ns_per_s = 1'000'000'000;
constexpr std::array formats = {"%Y-%m-%dT%H:%M:%S", "%Y-%m-%dT%H:%M", "%Y-%m-%d %H:%M:%S", "%Y-%m-%d %H:%M",
                                "%Y-%m-%d"};
constexpr std::array clock_formats = {"%H:%M:%S", "%H:%M"};

/// strptime(3) takes dates that there aren't, which timegm(3) makes others of.
bool is_date(const std::tm& parsed) {
  auto same = parsed;
  ::timegm(&same);
  return same.tm_mday == parsed.tm_mday && same.tm_mon == parsed.tm_mon && same.tm_hour == parsed.tm_hour;
}

std::optional<WallTime> time_of(std::time_t seconds) {
  if (seconds < 0) return std::nullopt;
  return WallTime{static_cast<std::uint64_t>(seconds) * ns_per_s};
}

std::optional<WallTime> parse_date(std::string text) {
  const bool utc = text.ends_with('Z');
  if (utc) text.pop_back();
  for (const auto* format : formats) {
    std::tm parsed{};
    const char* end = ::strptime(text.c_str(), format, &parsed);
    if (end == nullptr || *end != '\0' || !is_date(parsed)) continue;
    parsed.tm_isdst = -1;
    return time_of(utc ? ::timegm(&parsed) : ::mktime(&parsed));
  }
  return std::nullopt;
}

/// Today, or tomorrow where that has been.
std::optional<WallTime> parse_clock(const std::string& text, WallTime now) {
  const auto seconds_now = static_cast<std::time_t>(now.ns / ns_per_s);
  for (const auto* format : clock_formats) {
    std::tm parsed{};
    ::localtime_r(&seconds_now, &parsed);
    parsed.tm_sec = 0;
    const char* end = ::strptime(text.c_str(), format, &parsed);
    if (end == nullptr || *end != '\0') continue;
    for (int day = 0; day < 2; ++day, ++parsed.tm_mday) {
      auto then = parsed;
      then.tm_isdst = -1;
      if (const auto found = time_of(::mktime(&then)); found && *found > now) return found;
    }
  }
  return std::nullopt;
}

}  // namespace

Result<WallTime> parse_moment(std::string_view text, WallTime now) {
  if (const auto ago = parse_duration(text)) {
    const auto ns = static_cast<std::uint64_t>(std::chrono::nanoseconds(*ago).count());
    return WallTime{now.ns - std::min(now.ns, ns)};
  }
  if (const auto date = parse_date(std::string(text))) return *date;
  return fail(Status::invalid_argument,
              "'" + std::string(text) +
                  "' is no point in time: 2h ago is 2h; or 2026-11-01, 2026-11-01T12:00, with a "
                  "Z behind it for UTC");
}

Result<WallTime> parse_moment_to_come(std::string_view text, WallTime now) {
  auto found = parse_clock(std::string(text), now);
  if (!found) found = parse_date(std::string(text));
  if (found && *found > now) return *found;
  if (found) return fail(Status::invalid_argument, "'" + std::string(text) + "' has been; say a time that is to come");
  return fail(Status::invalid_argument, "'" + std::string(text) +
                                            "' is no point in time: 15:30, 2026-12-24 18:00, 2026-12-24T18:00:00, with "
                                            "a Z behind it for UTC");
}

}  // namespace hubbub
