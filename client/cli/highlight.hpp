// Where the words of a search stand in a text, as the hub's index sees words: runs of letters and digits, without
// regard to case and marks.
//   words, "Deploy FAILED" --find_words--> bytes 7 to 13
#pragma once

#include <cstddef>
#include <span>
#include <string_view>
#include <vector>

#include "proto/search_words.hpp"

namespace hubbub::cli {

struct TextRange {
  std::size_t begin = 0, end = 0;  ///< in bytes
  bool operator==(const TextRange&) const = default;
};

/// In order, none touching another.
std::vector<TextRange> find_words(std::span<const proto::SearchWord> words, std::string_view text);

/// The text has them all, and none that it is to be without.
bool has_words(std::span<const proto::SearchWord> words, std::string_view text);

}  // namespace hubbub::cli
