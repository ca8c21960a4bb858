// Records in and out of a ring's memory, word by word and round its end.
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

inline constexpr std::size_t record_head_words = record_head_bytes / word_bytes;
static_assert(record_head_words == 2 && record_alignment == record_head_bytes, "a head never goes round the end");

/// The words behind the head of a ring, of which there are 2^n.
template <class AnyWord>
struct Records {
  AnyWord* words;
  std::size_t count;
  /// Of a place.
  [[nodiscard]] std::size_t at(std::uint64_t position) const { return position / word_bytes & (count - 1); }
};

inline void store_words(Word* to, const std::byte* from, std::size_t count) {
  const auto store = [&](std::size_t i) {
    std::uint64_t word = 0;
    std::memcpy(&word, from + i * word_bytes, word_bytes);
    to[i].store(word, std::memory_order_release);
  };
  std::size_t i = 0;
  for (; i + 4 <= count; i += 4) store(i), store(i + 1), store(i + 2), store(i + 3);
  for (; i < count; ++i) store(i);
}

inline void load_words(const Word* from, std::uint64_t* to, std::size_t count) {
  const auto load = [&](std::size_t i) { to[i] = from[i].load(std::memory_order_acquire); };
  std::size_t i = 0;
  for (; i + 4 <= count; i += 4) load(i), load(i + 1), load(i + 2), load(i + 3);
  for (; i < count; ++i) load(i);
}

/// REQUIRES: the record fits into the ring, and was claimed.
inline void store_record(const Records<Word>& records, std::uint64_t position, std::uint64_t index,
                         std::span<const std::byte> message) {
  const auto at = records.at(position);
  records.words[at].store(index, std::memory_order_release);
  records.words[at + 1].store(message.size(), std::memory_order_release);
  const auto words = message.size() / word_bytes;
  const auto before_end = std::min(words, records.count - at - record_head_words);
  store_words(records.words + at + record_head_words, message.data(), before_end);
  store_words(records.words, message.data() + before_end * word_bytes, words - before_end);
  const auto rest = message.subspan(words * word_bytes);
  if (rest.empty()) return;
  std::uint64_t last = 0;
  std::memcpy(&last, rest.data(), rest.size());
  const auto end = position + record_head_bytes + words * word_bytes;
  records.words[records.at(end)].store(last, std::memory_order_release);
}

struct RecordHead {
  std::uint64_t index = 0;
  std::uint64_t length = 0;  ///< of the message
};
/// REQUIRES: `position` is where a record may begin.
inline RecordHead load_head(const Records<const Word>& records, std::uint64_t position) {
  const auto* const head = records.words + records.at(position);
  return {head[0].load(std::memory_order_acquire), head[1].load(std::memory_order_acquire)};
}

/// The message of the record there, in so many words. REQUIRES: no more than the ring has.
inline void load_message(const Records<const Word>& records, std::uint64_t position, std::uint64_t* to,
                         std::size_t words) {
  const auto at = records.at(position);
  const auto before_end = std::min(words, records.count - at - record_head_words);
  load_words(records.words + at + record_head_words, to, before_end);
  load_words(records.words, to + before_end, words - before_end);
}

}  // namespace hubbub::ring
