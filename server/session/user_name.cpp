#include "server/session/user_name.hpp"

#include <pwd.h>

#include <array>
#include <cctype>

namespace hubbub::server {

PersonName user_name(unsigned uid) {
  std::array<char, 4096> buffer;
  passwd entry{};
  passwd* found = nullptr;
  std::string name;
  if (::getpwuid_r(uid, &entry, buffer.data(), buffer.size(), &found) == 0 && found != nullptr) name = found->pw_name;
  name.resize(std::min(name.size(), limits::person_name_bytes_max));
  for (char& c : name) {
    c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
    if (!PersonNameRule::check(std::string_view(&c, 1))) c = '-';
  }
  const auto parsed = PersonName::parse(name);
  return parsed ? *parsed : PersonName::literal("uid-" + std::to_string(uid));
}

}  // namespace hubbub::server
