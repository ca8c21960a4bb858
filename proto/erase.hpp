// Erasing what a message says where it lies: the frame keeps its length, its place and its author.
//   Delivery frame --erase_delivery--> the same with flags::erased, no headers, and blanks for a body
// So nothing that counts bytes or knows where frames begin has to be told. Pure.
#pragma once

#include <cstring>

#include "proto/hot.hpp"

namespace hubbub::proto {

/// Flags of a Delivery. Zero if the payload is too short to be one.
inline std::uint8_t flags_of_delivery(std::string_view payload) {
  return payload.size() < detail::delivery_from_at
             ? std::uint8_t{0}
             : detail::load<std::uint8_t>(payload.data() + detail::delivery_flags_at);
}

inline bool is_erased(std::string_view payload) { return (flags_of_delivery(payload) & flags::erased) != 0; }

/// REQUIRES: `frame` is a whole Delivery's, with its frame header.
inline void erase_delivery(char* frame, std::size_t bytes) {
  char* const payload = frame + frame_header_bytes;
  const auto* const end = frame + bytes;
  const auto from_bytes = detail::load<std::uint8_t>(payload + detail::delivery_from_at - 1);
  const auto verified = static_cast<std::uint8_t>(payload[detail::delivery_flags_at] & flags::verified);
  payload[detail::delivery_flags_at] = static_cast<char>(verified | flags::erased);
  char* const blanks = detail::store(payload + detail::delivery_from_at + from_bytes, std::uint16_t{0});
  std::memset(blanks, ' ', static_cast<std::size_t>(end - blanks));
}

}  // namespace hubbub::proto
