#include "client/cli/highlight.hpp"

#include <utf8proc.h>

#include <algorithm>
#include <array>
#include <string>

namespace hubbub::cli {

namespace {

struct Token {
  std::u32string folded;
  TextRange place;
};

bool is_of_a_word(utf8proc_category_t category) {
  return (category >= UTF8PROC_CATEGORY_LU && category <= UTF8PROC_CATEGORY_NO) || category == UTF8PROC_CATEGORY_CO;
}

void append_folded(utf8proc_int32_t point, std::u32string& out) {
  constexpr auto options = static_cast<utf8proc_option_t>(UTF8PROC_DECOMPOSE | UTF8PROC_CASEFOLD | UTF8PROC_STRIPMARK);
  std::array<utf8proc_int32_t, 8> points{};
  int boundary = 0;
  const auto count = utf8proc_decompose_char(point, points.data(), points.size(), options, &boundary);
  for (utf8proc_ssize_t i = 0; i < count && i < static_cast<utf8proc_ssize_t>(points.size()); ++i)
    out += static_cast<char32_t>(points[static_cast<std::size_t>(i)]);
}

std::vector<Token> tokens_of(std::string_view text) {
  std::vector<Token> tokens;
  bool in_word = false;
  for (std::size_t at = 0; at < text.size();) {
    utf8proc_int32_t point = -1;
    const auto size = utf8proc_iterate(reinterpret_cast<const utf8proc_uint8_t*>(text.data()) + at,
                                       static_cast<utf8proc_ssize_t>(text.size() - at), &point);
    const auto next = at + static_cast<std::size_t>(std::max<utf8proc_ssize_t>(size, 1));
    const bool was_in_word = in_word;
    in_word = size > 0 && is_of_a_word(utf8proc_category(point));
    if (in_word && !was_in_word) tokens.push_back({{}, {at, at}});
    if (in_word) append_folded(point, tokens.back().folded);
    if (in_word) tokens.back().place.end = next;
    at = next;
  }
  return tokens;
}

/// A word of a search: its tokens, the last of which may be a beginning only.
struct Wanted {
  std::vector<Token> tokens;
  bool prefix = false;

  [[nodiscard]] bool stands_at(std::span<const Token> text) const {
    if (tokens.empty() || tokens.size() > text.size()) return false;
    for (std::size_t i = 0; i < tokens.size(); ++i) {
      const bool may_go_on = prefix && i + 1 == tokens.size();
      if (may_go_on ? !text[i].folded.starts_with(tokens[i].folded) : text[i].folded != tokens[i].folded) return false;
    }
    return true;
  }
};

void add(TextRange range, std::vector<TextRange>& ranges) {
  if (!ranges.empty() && range.begin <= ranges.back().end)
    ranges.back().end = std::max(ranges.back().end, range.end);
  else
    ranges.push_back(range);
}

}  // namespace

bool has_words(std::span<const proto::SearchWord> words, std::string_view text) {
  const auto tokens = tokens_of(text);
  return std::ranges::all_of(words, [&](const proto::SearchWord& word) {
    const Wanted wanted{tokens_of(word.text), word.prefix};
    for (std::size_t at = 0; at < tokens.size(); ++at)
      if (wanted.stands_at(std::span(tokens).subspan(at))) return !word.without;
    return word.without;
  });
}

std::vector<TextRange> find_words(std::span<const proto::SearchWord> words, std::string_view text) {
  std::vector<Wanted> wanted;
  for (const auto& word : words)
    if (!word.without) wanted.push_back({tokens_of(word.text), word.prefix});
  const auto tokens = tokens_of(text);
  std::vector<TextRange> ranges;
  for (std::size_t at = 0; at < tokens.size(); ++at)
    for (const auto& word : wanted)
      if (word.stands_at(std::span(tokens).subspan(at)))
        add({tokens[at].place.begin, tokens[at + word.tokens.size() - 1].place.end}, ranges);
  return ranges;
}

}  // namespace hubbub::cli
