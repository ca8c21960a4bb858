#include "tests/bench/dialect.hpp"

#include <cstdio>

#include "tests/bench/system.hpp"

namespace hubbub::bench {

void Dialect::publish_acknowledged(std::string&, std::uint32_t, std::uint32_t, std::uint64_t, std::string_view) const {
  throw Failed("this server isn't asked to acknowledge anything");
}
Acknowledged Dialect::parse_acknowledged(std::string_view) const {
  throw Failed("this server isn't asked to acknowledge anything");
}

std::string room_name(std::uint32_t room) {
  char name[16];
  std::snprintf(name, sizeof name, "b.%06u.m", room);
  return name;
}

std::string room_pattern(std::uint32_t room, char wildcard) {
  auto name = room_name(room);
  name.back() = wildcard;
  return name;
}

}  // namespace hubbub::bench
