// Bytes in and out of a ring's memory, word by word and round its end.
//
// Every word is a release or an acquire, instead of one fence for all of them: the same instructions on x86, and
// ThreadSanitizer knows no fences. So who has read a word of a record also sees what was claimed before it was written.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>

#include "common/ring/layout.hpp"

namespace hubbub::ring {

/// Where a place is in memory, and how many words lie from there to the memory's end.
template <class AnyWord>
struct Stretch {
  AnyWord* words;
  std::size_t count;
  /// `records`: the memory behind the head. `position`: a multiple of a word.
  Stretch(AnyWord* records, std::size_t capacity_bytes, std::uint64_t position) {
    const auto at = (position & (capacity_bytes - 1)) / word_bytes;
    words = records + at;
    count = capacity_bytes / word_bytes - at;
  }
};

inline void store_words(Word* to, const std::byte* from, std::size_t count) {
  for (std::size_t i = 0; i < count; ++i) {
    std::uint64_t word = 0;
    std::memcpy(&word, from + i * word_bytes, word_bytes);
    to[i].store(word, std::memory_order_release);
  }
}

inline void load_words(const Word* from, std::uint64_t* to, std::size_t count) {
  for (std::size_t i = 0; i < count; ++i) to[i] = from[i].load(std::memory_order_acquire);
}

/// Whole words and the rest of one, filled up with zeroes. REQUIRES: no more than fits into the ring.
inline void write_bytes(Word* records, std::size_t capacity_bytes, std::uint64_t position,
                        std::span<const std::byte> bytes) {
  const auto words = bytes.size() / word_bytes;
  const Stretch first(records, capacity_bytes, position);
  const auto in_first = std::min(words, first.count);
  store_words(first.words, bytes.data(), in_first);
  store_words(records, bytes.data() + in_first * word_bytes, words - in_first);
  const auto rest = bytes.subspan(words * word_bytes);
  if (rest.empty()) return;
  std::uint64_t word = 0;
  std::memcpy(&word, rest.data(), rest.size());
  Stretch(records, capacity_bytes, position + words * word_bytes).words->store(word, std::memory_order_release);
}

/// REQUIRES: no more than the ring has.
inline void read_words(const Word* records, std::size_t capacity_bytes, std::uint64_t position,
                       std::span<std::uint64_t> words) {
  const Stretch first(records, capacity_bytes, position);
  const auto in_first = std::min(words.size(), first.count);
  load_words(first.words, words.data(), in_first);
  load_words(records, words.data() + in_first, words.size() - in_first);
}

}  // namespace hubbub::ring
