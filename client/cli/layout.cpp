#include "client/cli/layout.hpp"

#include <algorithm>

namespace hubbub::cli {

namespace {

/// The columns of help's own texts: they hold no wide or combining characters.
std::size_t columns_of(std::string_view text) {
  return static_cast<std::size_t>(std::ranges::count_if(text, [](char c) { return (c & 0xc0) != 0x80; }));
}

std::string_view take_word(std::string_view& text) {
  const auto end = std::min(text.find(' '), text.size());
  const auto word = text.substr(0, end);
  text.remove_prefix(std::min(end + 1, text.size()));
  return word;
}

/// Appends `text`, whose first line begins at column `at`, and further ones at column `indent`.
void append_wrapped(std::string_view text, std::size_t at, std::size_t indent, std::string& out) {
  bool line_start = true;
  while (!text.empty()) {
    const auto word = take_word(text);
    if (!line_start && at + 1 + columns_of(word) > help_columns) {
      out.append("\n").append(indent, ' ');
      at = indent;
      line_start = true;
    }
    if (!line_start) out += ' ';
    at += columns_of(word) + (line_start ? 0 : 1);
    out += word;
    line_start = false;
  }
  out += '\n';
}

}  // namespace

std::vector<std::string_view> paragraphs(std::string_view text) {
  std::vector<std::string_view> list;
  while (!text.empty()) {
    const auto end = text.find("\n\n");
    list.push_back(text.substr(0, end));
    text = end == std::string_view::npos ? std::string_view() : text.substr(end + 2);
  }
  return list;
}

std::string wrapped(std::string_view text, std::size_t indent) {
  std::string out;
  for (const auto paragraph : paragraphs(text)) {
    if (!out.empty()) out += '\n';
    out.append(indent, ' ');
    append_wrapped(paragraph, indent, indent, out);
  }
  return out;
}

std::string definitions(const std::vector<Definition>& list) {
  constexpr std::size_t indent = 2, gap = 2, term_columns_max = 26;
  std::size_t widest = 0;
  for (const auto& [term, text] : list)
    if (columns_of(term) <= term_columns_max) widest = std::max(widest, columns_of(term));
  const auto text_at = indent + widest + gap;
  std::string out;
  for (const auto& [term, text] : list) {
    out.append(indent, ' ').append(term);
    if (columns_of(term) > widest)
      out.append("\n").append(text_at, ' ');
    else
      out.append(text_at - indent - columns_of(term), ' ');
    append_wrapped(text, text_at, text_at, out);
  }
  return out;
}

}  // namespace hubbub::cli
