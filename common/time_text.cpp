#include "common/time_text.hpp"

#include <array>
#include <cstdio>
#include <ctime>

namespace hubbub {

namespace {

constexpr std::uint64_t ns_per_s = 1'000'000'000;

/// gmtime_r() costs more than all the rest of a message, and most messages share their second.
std::string_view utc_second(std::uint64_t seconds) {
  static thread_local std::uint64_t last = UINT64_MAX;
  static thread_local std::array<char, 32> text{};
  static thread_local std::size_t size = 0;
  if (seconds != last) {
    const auto time = static_cast<std::time_t>(seconds);
    std::tm utc{};
    ::gmtime_r(&time, &utc);
    size = std::strftime(text.data(), text.size(), "%Y-%m-%dT%H:%M:%S", &utc);
    last = seconds;
  }
  return {text.data(), size};
}

}  // namespace

void append_rfc3339(WallTime time, int digits, std::string& out) {
  out += utc_second(time.ns / ns_per_s);
  auto fraction = time.ns % ns_per_s;
  std::array<char, 9> text{};
  for (auto at = text.rbegin(); at != text.rend(); ++at, fraction /= 10) *at = static_cast<char>('0' + fraction % 10);
  if (digits > 0) out.append(".").append(text.data(), static_cast<std::size_t>(digits));
  out += 'Z';
}

std::string rfc3339(WallTime time, int digits) {
  std::string text;
  append_rfc3339(time, digits, text);
  return text;
}

std::string local_time(WallTime time, const char* format) {
  const auto seconds = static_cast<std::time_t>(time.ns / ns_per_s);
  std::tm local{};
  ::localtime_r(&seconds, &local);
  std::array<char, 256> text{};
  return {text.data(), std::strftime(text.data(), text.size(), format, &local)};
}

}  // namespace hubbub
