#include "client/link/places.hpp"

#include <pwd.h>
#include <unistd.h>

#include <cstdlib>
#include <vector>

namespace hubbub::link {

namespace {

/// One field of this user's line in the password database, which may come from a network.
std::string from_passwd(char* passwd::*field) {
  passwd entry{};
  passwd* found = nullptr;
  std::vector<char> buffer(16384);
  if (::getpwuid_r(::geteuid(), &entry, buffer.data(), buffer.size(), &found) != 0 || found == nullptr) return {};
  return found->*field;
}

/// A relative path in these variables is to be ignored, says the specification.
Result<std::string> file_under(const char* variable, const std::string& in_home, const std::string& file) {
  auto folder = environment(variable);
  if (!folder.starts_with('/')) {
    auto home = environment("HOME");
    if (home.empty()) home = from_passwd(&passwd::pw_dir);
    if (home.empty()) return fail(Status::not_found, std::string("there is no home folder; set HOME or ") + variable);
    folder = home + in_home;
  }
  return folder + "/hubbub/" + file;
}

}  // namespace

std::string environment(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? "" : value;
}

std::string login_name() {
  auto name = from_passwd(&passwd::pw_name);
  return name.empty() ? environment("USER") : name;
}

Result<std::string> config_file(const std::string& file) { return file_under("XDG_CONFIG_HOME", "/.config", file); }

Result<std::string> state_file(const std::string& file) { return file_under("XDG_STATE_HOME", "/.local/state", file); }

}  // namespace hubbub::link
