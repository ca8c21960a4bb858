#include "client/tui/view/theme.hpp"

#include <array>
#include <cstdint>

namespace hubbub::tui::theme {

namespace {

// Readable on black and on white.
constexpr std::array<std::int16_t, 6> few = {1, 2, 3, 4, 5, 6};
constexpr std::array<std::int16_t, 30> many = {32, 33, 34,  35,  36,  37,  39,  64,  68,  70,  71,  72,  73,  74,  97,
                                               98, 99, 104, 105, 127, 130, 131, 133, 135, 136, 161, 166, 168, 170, 172};

// FNV-1a: small, and fixed for ever, so that alice keeps her colour.
std::uint32_t hash_of(std::string_view name) {
  std::uint32_t hash = 2166136261u;
  for (const unsigned char byte : name) hash = (hash ^ byte) * 16777619u;
  return hash;
}

}  // namespace

Style of_name(std::string_view name, int colours) {
  Style style;
  if (colours >= 256)
    style.fg = many[hash_of(name) % many.size()];
  else if (colours >= 8)
    style.fg = few[hash_of(name) % few.size()];
  return style;
}

}  // namespace hubbub::tui::theme
