#include "client/cli/moment.hpp"

#include <algorithm>
#include <array>
#include <ctime>
#include <string>

#include "client/cli/duration.hpp"
#include "common/clock.hpp"

namespace hubbub::cli {

namespace {

constexpr std::array formats = {"%Y-%m-%dT%H:%M:%S", "%Y-%m-%dT%H:%M", "%Y-%m-%d %H:%M:%S", "%Y-%m-%d %H:%M",
                                "%Y-%m-%d"};

/// strptime(3) takes dates that there aren't, which timegm(3) makes others of.
bool is_date(const std::tm& parsed) {
  auto same = parsed;
  ::timegm(&same);
  return same.tm_mday == parsed.tm_mday && same.tm_mon == parsed.tm_mon && same.tm_hour == parsed.tm_hour;
}

std::optional<std::time_t> parse_date(std::string text) {
  const bool utc = text.ends_with('Z');
  if (utc) text.pop_back();
  for (const auto* format : formats) {
    std::tm parsed{};
    const char* end = ::strptime(text.c_str(), format, &parsed);
    if (end == nullptr || *end != '\0' || !is_date(parsed)) continue;
    parsed.tm_isdst = -1;
    return utc ? ::timegm(&parsed) : ::mktime(&parsed);
  }
  return std::nullopt;
}

}  // namespace

Result<WallTime> parse_moment(std::string_view text, WallTime now) {
  if (const auto ago = parse_duration(text)) {
    const auto ns = static_cast<std::uint64_t>(std::chrono::nanoseconds(*ago).count());
    return WallTime{now.ns - std::min(now.ns, ns)};
  }
  const auto seconds = parse_date(std::string(text));
  if (seconds && *seconds >= 0) return WallTime{static_cast<std::uint64_t>(*seconds) * 1'000'000'000};
  return fail(Status::invalid_argument,
              "'" + std::string(text) +
                  "' is no point in time: 2h ago is 2h; or 2026-11-01, 2026-11-01T12:00, with a "
                  "Z behind it for UTC");
}

Take store_moment(std::optional<WallTime>& moment) {
  return [&moment](std::string_view word) -> Result<void> {
    const auto parsed = parse_moment(word, SystemClock().wall_now());
    if (!parsed) return tl::unexpected(parsed.error());
    moment = *parsed;
    return {};
  };
}

}  // namespace hubbub::cli
