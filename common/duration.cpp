#include "common/duration.hpp"

#include <array>
#include <charconv>
#include <cmath>
#include <optional>

namespace hubbub {

namespace {

constexpr double ms_max = 100.0 * 365 * 24 * 3600 * 1000;

struct Unit {
  std::string_view name;
  std::int64_t ms;
};
constexpr std::array units = {Unit{"ms", 1}, Unit{"s", 1000}, Unit{"m", 60'000}, Unit{"h", 3'600'000},
                              Unit{"d", 86'400'000}};

std::optional<std::int64_t> unit_ms(std::string_view name) {
  for (const auto& unit : units)
    if (unit.name == name) return unit.ms;
  return std::nullopt;
}

/// Takes a number off the front of `text`. Only digits and a point: no sign, no exponent, no "inf".
std::optional<double> take_number(std::string_view& text) {
  const auto digits = text.substr(0, std::min(text.find_first_not_of("0123456789."), text.size()));
  double value = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), value);
  if (error != std::errc{} || end != digits.data() + digits.size()) return std::nullopt;
  text.remove_prefix(digits.size());
  return value;
}

/// Takes `1.5s` off the front. A number alone is seconds, but only as the whole text.
std::optional<double> take_part(std::string_view& text, bool first) {
  const auto number = take_number(text);
  if (!number) return std::nullopt;
  const auto name = text.substr(0, std::min(text.find_first_of("0123456789."), text.size()));
  text.remove_prefix(name.size());
  if (name.empty()) return first && text.empty() ? std::optional(*number * 1000) : std::nullopt;
  const auto ms = unit_ms(name);
  return ms ? std::optional(*number * static_cast<double>(*ms)) : std::nullopt;
}

}  // namespace

Result<std::chrono::milliseconds> parse_duration(std::string_view text) {
  double total_ms = 0;
  auto rest = text;
  do {
    const auto part = take_part(rest, rest.size() == text.size());
    if (!part || (total_ms += *part) > ms_max)
      return fail(
          Status::invalid_argument,
          "'" + std::string(text) + "' is not a length of time: 500ms, 2s, 1.5m, 1h30m, or a number of seconds");
  } while (!rest.empty());
  return std::chrono::milliseconds(std::llround(total_ms));
}

std::string show_duration(std::chrono::milliseconds duration) {
  const auto ms = duration.count();
  auto best = units.front();
  for (const auto& unit : units)
    if (unit.ms <= ms && ms % unit.ms == 0) best = unit;
  return std::to_string(ms / best.ms) + std::string(best.name);
}

std::string show_age(std::chrono::nanoseconds age) {
  const auto minutes = std::chrono::duration_cast<std::chrono::minutes>(age).count();
  if (minutes < 1) return "now";
  if (minutes < 60) return std::to_string(minutes) + "m";
  if (minutes < 48 * 60) return std::to_string(minutes / 60) + "h";
  return std::to_string(minutes / (24 * 60)) + "d";
}

}  // namespace hubbub
