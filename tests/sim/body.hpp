// What simulated producers say: who says it and under which id, and a filling.
#pragma once

#include <charconv>
#include <optional>
#include <string>
#include <string_view>

#include "tests/support/history.hpp"

namespace hubbub::sim {

/// FNV-1a.
inline std::uint64_t content_of(std::string_view body) {
  std::uint64_t hash = 0xcbf29ce484222325U;
  for (const char byte : body) hash = (hash ^ static_cast<unsigned char>(byte)) * 0x100000001b3U;
  return hash;
}

/// "producer id filling".
inline std::string make_body(std::uint32_t producer, std::uint64_t id, std::size_t filling_bytes) {
  return std::to_string(producer) + ' ' + std::to_string(id) + ' ' +
         std::string(filling_bytes, static_cast<char>('a' + (producer + id) % 26));
}

/// Nothing of a body that make_body() didn't make.
inline std::optional<test::Said> parse_body(std::string_view body) {
  test::Said said;
  const auto* const end = body.data() + body.size();
  const auto producer = std::from_chars(body.data(), end, said.producer);
  if (producer.ec != std::errc() || producer.ptr == end) return std::nullopt;
  const auto id = std::from_chars(producer.ptr + 1, end, said.id);
  if (id.ec != std::errc() || id.ptr == end) return std::nullopt;
  said.content = content_of(body);
  return said;
}

}  // namespace hubbub::sim
