#include "common/time_text.hpp"

#include <array>
#include <ctime>

namespace hubbub {

std::string local_time(WallTime time, const char* format) {
  constexpr std::uint64_t ns_per_s = 1'000'000'000;
  const auto seconds = static_cast<std::time_t>(time.ns / ns_per_s);
  std::tm local{};
  ::localtime_r(&seconds, &local);
  std::array<char, 256> text{};
  return {text.data(), std::strftime(text.data(), text.size(), format, &local)};
}

}  // namespace hubbub
