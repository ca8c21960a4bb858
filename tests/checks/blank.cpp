#include "tests/checks/blank.hpp"

#include <algorithm>
#include <cctype>

namespace hubbub::checks {

namespace {

bool is_word(char c) { return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_'; }

/// Where the comment or literal that begins at `at` ends (one past), or `at` where none begins.
std::size_t end_of_blank(std::string_view text, std::size_t at) {
  const auto rest = text.substr(at);
  const auto past = [&](std::string_view end, std::size_t from) {
    const auto found = rest.find(end, from);
    return found == std::string_view::npos ? text.size() : at + found + end.size();
  };
  if (rest.starts_with("//")) return std::min(past("\n", 2), text.size()) - (rest.find('\n') == rest.npos ? 0 : 1);
  if (rest.starts_with("/*")) return past("*/", 2);
  if (rest.starts_with("R\"") && (at == 0 || !is_word(text[at - 1]))) {
    const auto delimiter = rest.substr(2, rest.find('(') - 2);
    return past(")" + std::string(delimiter) + "\"", 2);
  }
  const bool separates_digits =
      rest.starts_with('\'') && at > 0 && std::isxdigit(static_cast<unsigned char>(text[at - 1]));
  if ((rest.starts_with('"') || rest.starts_with('\'')) && !separates_digits) {
    std::size_t end = 1;
    while (end < rest.size() && rest[end] != rest[0] && rest[end] != '\n') end += rest[end] == '\\' ? 2 : 1;
    return std::min(at + end + 1, text.size());
  }
  return at;
}

}  // namespace

std::string blank_comments_and_literals(std::string_view text) {
  std::string code(text);
  for (std::size_t at = 0; at < text.size();) {
    const auto end = end_of_blank(text, at);
    for (auto inside = at; inside < end; ++inside) {
      if (code[inside] != '\n') code[inside] = ' ';
    }
    at = std::max(end, at + 1);
  }
  return code;
}

}  // namespace hubbub::checks
