// What the bench says: a mark that numbers it or dates it, then letters that a check knows again.
//   u32 sender   u32 magic   u64 number   filler …
#pragma once

#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>
#include <unordered_map>

#include "tests/bench/system.hpp"

namespace hubbub::bench {

struct Mark {
  static constexpr std::uint32_t magic_value = 0x62756268;
  std::uint32_t sender = 0;
  std::uint32_t magic = magic_value;
  std::uint64_t number = 0;  ///< counts up per sender, or is a time
};
inline constexpr std::size_t body_bytes_min = sizeof(Mark);

inline char filler_at(std::size_t at) { return static_cast<char>('a' + at % 23); }

inline std::string make_body(std::size_t size, const Mark& mark) {
  std::string body(size, '\0');
  for (std::size_t i = 0; i < size; ++i) body[i] = filler_at(i);
  std::memcpy(body.data(), &mark, sizeof mark);
  return body;
}

/// What every body of that size has after its mark.
inline std::string_view filler(std::size_t size) {
  static std::string letters;
  for (auto at = letters.size(); at < size; ++at) letters += filler_at(at);
  return std::string_view(letters).substr(sizeof(Mark), size - sizeof(Mark));
}

/// Throws Failed unless `body` is exactly what make_body() made.
inline Mark read_body(std::string_view body, std::size_t size) {
  Mark mark;
  if (body.size() != size) throw Failed("a body came with another size than it was sent with");
  std::memcpy(&mark, body.data(), sizeof mark);
  if (mark.magic != Mark::magic_value || body.substr(sizeof mark) != filler(size))
    throw Failed("a body came with another content than it was sent with");
  return mark;
}

/// Sees to it that one subscriber hears each sender in the order in which it spoke, and nothing twice.
class OrderCheck {
 public:
  void see(const Mark& mark) {
    auto& last = last_[mark.sender];
    if (mark.number <= last) throw Failed("a message came twice or out of order");
    last = mark.number;
  }

 private:
  std::unordered_map<std::uint32_t, std::uint64_t> last_;  ///< numbers start with 1
};

}  // namespace hubbub::bench
