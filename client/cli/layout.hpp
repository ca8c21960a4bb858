// Text in lines of limited length, for help.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace hubbub::cli {

inline constexpr std::size_t help_columns = 80;

/// Wraps each paragraph (they are separated by empty lines) at spaces, indented by `indent`. Ends with a newline.
std::string wrapped(std::string_view text, std::size_t indent);

struct Definition {
  std::string term;
  std::string text;
};

/// Terms in a column and their texts in another, wrapped; indented by two.
std::string definitions(const std::vector<Definition>& list);

/// The paragraphs of a text.
std::vector<std::string_view> paragraphs(std::string_view text);

}  // namespace hubbub::cli
