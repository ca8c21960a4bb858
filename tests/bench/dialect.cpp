#include "tests/bench/dialect.hpp"

#include <cstdio>

namespace hubbub::bench {

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
