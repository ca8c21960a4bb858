#include "client/tui/view/time_text.hpp"

#include <fmt/format.h>

#include <array>
#include <ctime>

namespace hubbub::tui {

namespace {

constexpr std::array days = {"Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"};
constexpr std::array months = {"January", "February", "March",     "April",   "May",      "June",
                               "July",    "August",   "September", "October", "November", "December"};

std::tm local(WallTime time) {
  const auto seconds = static_cast<std::time_t>(time.ns / 1'000'000'000);
  std::tm parts{};
  localtime_r(&seconds, &parts);
  return parts;
}

}  // namespace

int day_of(WallTime time) {
  const auto parts = local(time);
  return ((parts.tm_year + 1900) * 100 + parts.tm_mon + 1) * 100 + parts.tm_mday;
}

std::string day_text(WallTime time) {
  const auto parts = local(time);
  return fmt::format("{}, {} {} {}", days.at(static_cast<std::size_t>(parts.tm_wday)), parts.tm_mday,
                     months.at(static_cast<std::size_t>(parts.tm_mon)), parts.tm_year + 1900);
}

std::string date_text(WallTime time) {
  const auto parts = local(time);
  return fmt::format("{:04}-{:02}-{:02}", parts.tm_year + 1900, parts.tm_mon + 1, parts.tm_mday);
}

std::string clock_text(WallTime time) {
  const auto parts = local(time);
  return fmt::format("{:02}:{:02}", parts.tm_hour, parts.tm_min);
}

}  // namespace hubbub::tui
