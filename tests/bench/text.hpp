// Bodies that are text, as people write it: a number in letters that no search index takes for a word, then words, some
// of which are frequent and most of which are rare.
//   !"#$%&'(… 16 of them   then words, one space between two
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace hubbub::bench {

/// Makes bodies of one size. The same every time: what it says is drawn from a seed.
class TextBodies {
 public:
  explicit TextBodies(std::size_t body_bytes);

  /// A body with that number. Borrowed until the next call.
  std::string_view make(std::uint64_t number);
  /// Throws Failed unless `body` is what make() made of the number that it returns.
  [[nodiscard]] std::uint64_t number_in(std::string_view body) const;

 private:
  [[nodiscard]] std::size_t text_of(std::uint64_t number) const { return number * 0x9e3779b97f4a7c15 >> 52; }
  std::vector<std::string> texts_;
};

}  // namespace hubbub::bench
