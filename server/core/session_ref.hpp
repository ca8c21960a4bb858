// How one core names a session of another: never by its address.
#pragma once

#include <compare>
#include <cstdint>
#include <functional>

namespace hubbub::server {

/// A session on core `core`. Its slot is used again after it has gone; the generation tells the two apart, so a message
/// to one that has gone reaches nobody. Generation zero names no session.
struct SessionRef {
  std::uint16_t core = 0;
  std::uint32_t slot = 0;
  std::uint32_t generation = 0;

  auto operator<=>(const SessionRef&) const = default;
  /// A number for this session alone, in this life of the hub (a slot's generation comes around after 2^24 uses).
  [[nodiscard]] std::uint64_t number() const {
    return std::uint64_t{generation} << 40 | std::uint64_t{core} << 32 | slot;
  }
};

}  // namespace hubbub::server

template <>
struct std::hash<hubbub::server::SessionRef> {
  std::size_t operator()(const hubbub::server::SessionRef& ref) const noexcept {
    return std::hash<std::uint64_t>{}(ref.number() * 0x9e3779b97f4a7c15u);
  }
};
