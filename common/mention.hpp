// Whether a text calls somebody by their name: for what is to stand out, ring, or be counted.
#pragma once

#include <algorithm>
#include <cstddef>
#include <string_view>

namespace hubbub {

namespace detail {

inline char ascii_lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

inline bool is_name_byte(char c) {
  c = ascii_lower(c);
  return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_' || c == '-';
}

}  // namespace detail

/// The name stands in the text as a word of its own, in whatever case.
inline bool mentions(std::string_view text, std::string_view name) {
  if (name.empty()) return false;
  const auto same = [](char a, char b) { return detail::ascii_lower(a) == b; };
  for (auto from = text.begin();; ++from) {
    from = std::search(from, text.end(), name.begin(), name.end(), same);
    if (from == text.end()) return false;
    const auto end = from + static_cast<std::ptrdiff_t>(name.size());
    const bool begins = from == text.begin() || !detail::is_name_byte(from[-1]);
    if (begins && (end == text.end() || !detail::is_name_byte(*end))) return true;
  }
}

}  // namespace hubbub
