// ASCII letters without regard to case. Names, rooms and commands are lower-case ASCII throughout.
#pragma once

#include <algorithm>
#include <string>
#include <string_view>

namespace hubbub::tui {

inline char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

inline std::string lower(std::string_view text) {
  std::string folded(text);
  std::transform(folded.begin(), folded.end(), folded.begin(), [](char c) { return lower(c); });
  return folded;
}

}  // namespace hubbub::tui
