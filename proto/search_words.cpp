#include "proto/search_words.hpp"

#include <algorithm>

namespace hubbub::proto {

namespace {

bool is_space(char c) { return static_cast<unsigned char>(c) <= ' ' || c == '\x7f'; }

/// What the index keeps of a text. Which characters beyond ASCII are letters is left to the index.
bool is_letter_or_digit(char c) {
  return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
         static_cast<unsigned char>(c) >= 0x80;
}

/// Takes what stands before one of `ends`, or all.
std::string_view take_until(std::string_view& rest, auto&& is_end) {
  const auto end = static_cast<std::size_t>(std::ranges::find_if(rest, is_end) - rest.begin());
  const auto taken = rest.substr(0, end);
  rest.remove_prefix(end);
  return taken;
}

bool take(std::string_view& rest, char c) {
  if (!rest.starts_with(c)) return false;
  rest.remove_prefix(1);
  return true;
}

/// Takes the next word or phrase off `rest`. REQUIRES: it doesn't begin with a space.
SearchWord take_word(std::string_view& rest) {
  SearchWord word;
  word.without = take(rest, '-');
  if (take(rest, '"')) {
    word.text = take_until(rest, [](char c) { return c == '"'; });
    take(rest, '"');
    while (take(rest, '*')) word.prefix = true;
  } else {
    word.text = take_until(rest, [](char c) { return is_space(c) || c == '"'; });
    for (; word.text.ends_with('*'); word.text.pop_back()) word.prefix = true;
  }
  std::ranges::replace_if(word.text, is_space, ' ');
  return word;
}

}  // namespace

Result<std::vector<SearchWord>> parse_search_words(std::string_view typed) {
  if (typed.size() > limits::text_bytes_max)
    return fail(Status::invalid_argument,
                "search for at most " + std::to_string(limits::text_bytes_max) + " bytes of words");
  std::vector<SearchWord> words;
  while (true) {
    take_until(typed, [](char c) { return !is_space(c); });
    if (typed.empty()) break;
    auto word = take_word(typed);
    if (std::ranges::any_of(word.text, is_letter_or_digit)) words.push_back(std::move(word));
  }
  if (words.empty()) return fail(Status::invalid_argument, "nothing to search for: give words of letters and digits");
  if (words.size() > limits::search_words_max)
    return fail(Status::invalid_argument,
                "search for at most " + std::to_string(limits::search_words_max) + " words at once");
  if (std::ranges::all_of(words, &SearchWord::without))
    return fail(Status::invalid_argument, "only words to leave out: give at least one to find, without `-`");
  return words;
}

}  // namespace hubbub::proto
