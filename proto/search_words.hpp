// What a person types to find messages.
//   deploy fail* "out of memory" -test --parse_search_words--> deploy | fail… | out of memory | not: test
// Whatever is typed is words or a refusal: there is no syntax to get wrong. Pure.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "proto/limits.hpp"
#include "proto/status.hpp"

namespace hubbub::proto {

/// What a message has to contain. Upper and lower case, and letters with and without marks, are the same.
struct SearchWord {
  std::string text;     ///< a word, or a phrase: its words in this order. Has letters or digits, no quotes, no controls
  bool prefix = false;  ///< the (last) word only begins so
  bool without = false;  ///< the other way round: what contains it isn't found
  bool operator==(const SearchWord&) const = default;
};

/// Fails with invalid_argument where nothing is left to be found, or it is longer than limits allow.
Result<std::vector<SearchWord>> parse_search_words(std::string_view typed);

}  // namespace hubbub::proto
