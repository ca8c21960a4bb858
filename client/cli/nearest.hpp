// What somebody meant who mistyped a word.
#pragma once

#include <string_view>
#include <vector>

namespace hubbub::cli {

/// The candidate nearest to a misspelt `word`, or empty where none is near.
std::string_view nearest(std::string_view word, const std::vector<std::string_view>& candidates);

}  // namespace hubbub::cli
