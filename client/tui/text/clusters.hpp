// Text as a person sees it: grapheme clusters (UAX #29) and the columns that each takes.
//   bytes --cluster_end--> clusters --width_of--> columns
// Works on any bytes: one that is not UTF-8 is a cluster of its own. Pure.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace hubbub::tui {

/// The code point at `at` and how many bytes it takes. A byte that is not UTF-8: -1, one byte.
struct CodePoint {
  std::int32_t value = -1;
  std::size_t bytes = 1;
};
CodePoint code_point_at(std::string_view text, std::size_t at);

/// Where the cluster that begins at `at` ends. REQUIRES: at < text.size().
std::size_t cluster_end(std::string_view text, std::size_t at);

/// Where the cluster that ends at `at` begins; 0 at the start. Linear in the length of the line.
std::size_t cluster_begin(std::string_view text, std::size_t at);

/// Columns of one cluster: 1 or 2, and 0 where nothing in it has a width of its own (a combining mark without a base).
/// Terminals disagree about some (see is_sure); this is what the newer ones do.
int width_of(std::string_view cluster);

/// Every terminal agrees about the width of this cluster, so that what follows needs no positioning.
bool is_sure(std::string_view cluster);

/// A letter, digit, mark or underscore, as word movement in an input line and the search for names understand it.
bool is_word(std::string_view cluster);

}  // namespace hubbub::tui
