#include "server/config.hpp"

#include <fmt/format.h>
#include <pwd.h>

#include <cstdlib>
#include <filesystem>

#include "server/config_reading.hpp"

namespace hubbub::server {

namespace {

/// A file that was asked for must be there; the standard one may be missing.
std::string choose_file(const ConfigSources& sources) {
  if (sources.file) return *sources.file;
  if (const auto named = sources.environment("HUBBUBD_CONFIG"); named && !named->empty()) return *named;
  std::error_code unreadable;  // is told when it is read
  const std::string standard(standard_config_file);
  return std::filesystem::exists(standard, unreadable) || unreadable ? standard : std::string();
}

void read_environment(const ConfigSources& sources, Reading& reading) {
  for (const auto& setting : settings()) {
    const auto name = environment_name(setting);
    // Empty counts as not set, as a compose file passes on what isn't set.
    if (const auto text = sources.environment(name); text && !text->empty())
      reading.take(setting, parse_value(setting, {*text}), name);
  }
}

/// Only what is nearly a setting is a mistake: others put variables of such names there too (Kubernetes, for a service
/// called hubbubd: HUBBUBD_PORT, HUBBUBD_SERVICE_HOST …).
void check_environment_names(const ConfigSources& sources, Reading& reading) {
  for (const auto& name : sources.environment_names) {
    const auto* const meant = nearest_variable(name);
    if (meant == nullptr || environment_name(*meant) == name) continue;
    reading.note(name, {}, fmt::format("there is no such setting; did you mean {}?", environment_name(*meant)));
  }
}

void read_flags(const ConfigSources& sources, Reading& reading) {
  for (const auto& [key, texts] : sources.flags)
    if (const auto* const setting = find_setting(key))
      reading.take(*setting, parse_value(*setting, texts), flag_name(*setting));
}

void check_listeners(Reading& reading) {
  if (reading.config.hub.insecure) return;
  for (const auto& address : reading.config.hub.listen)
    if (!is_local(address))
      reading.note(
          reading.origin("hub.listen"), "hub.listen",
          fmt::format("{} can be reached from other machines, and nothing is encrypted yet: everybody on the way "
                      "could read along and take any name. Listen on 127.0.0.1 or a unix:// path, or allow it "
                      "with --insecure (hub.insecure = true) on a network that you trust",
                      address.str()));
}

/// Others count as not set, as the XDG Base Directory Specification wants it.
std::optional<std::string> absolute(std::optional<std::string> path) {
  return path && path->starts_with('/') ? path : std::nullopt;
}

}  // namespace

Result<std::optional<std::string>> data_directory(const Config& config, uid_t user, const Environment& environment) {
  if (config.hub.data == "none") return std::nullopt;
  if (!config.hub.data.empty()) return config.hub.data;
  if (user == 0) return "/var/lib/hubbub";
  if (const auto state = absolute(environment("XDG_STATE_HOME"))) return *state + "/hubbub";
  if (const auto home = absolute(environment("HOME"))) return *home + "/.local/state/hubbub";
  if (const auto* const entry = ::getpwuid(user); entry != nullptr && *entry->pw_dir == '/')
    return std::string(entry->pw_dir) + "/.local/state/hubbub";
  return fail(Status::failed_precondition,
              "this user has no home (HOME) to keep data in; name a directory with --data (hub.data)");
}

bool is_local(const Address& address) {
  if (address.scheme == Address::Scheme::unix_socket || address.host == "localhost") return true;
  std::error_code not_numeric;
  const auto ip = asio::ip::make_address(address.host, not_numeric);
  if (not_numeric) return false;
  if (ip.is_v6() && ip.to_v6().is_v4_mapped())
    return asio::ip::make_address_v4(asio::ip::v4_mapped, ip.to_v6()).is_loopback();
  return ip.is_loopback();
}

void check_relations(Reading& reading) {
  const auto& config = reading.config;
  check_listeners(reading);
  if (config.tail.bytes > config.tail.total_bytes)
    reading.note(
        reading.origin("tail.total_bytes"), "tail.total_bytes",
        fmt::format("all rooms together may remember {} bytes, but a single one tail.bytes = {}; raise this or "
                    "lower that",
                    config.tail.total_bytes, config.tail.bytes));
  if (config.limits.message_burst > 0 && config.limits.message_rate == 0)
    reading.note(reading.origin("limits.message_burst"), "limits.message_burst",
                 "this has no effect while limits.message_rate is 0, which stands for no limit; set both or neither");
}

std::string str(const Mistake& mistake) {
  if (mistake.key.empty()) return fmt::format("{}: {}", mistake.where, mistake.sentence);
  return fmt::format("{}: {}: {}", mistake.where, mistake.key, mistake.sentence);
}

LoadedConfig load_config(const ConfigSources& sources) {
  Reading reading;
  auto file = choose_file(sources);
  if (!file.empty()) read_config_file(file, reading);
  read_environment(sources, reading);
  check_environment_names(sources, reading);
  read_flags(sources, reading);
  check_relations(reading);
  return {std::move(reading.config), std::move(file), std::move(reading.mistakes)};
}

std::vector<std::string> our_environment_names() {
  std::vector<std::string> names;
  for (char** at = environ; *at != nullptr; ++at) {
    const std::string_view variable = *at;
    if (variable.starts_with("HUBBUBD_")) names.emplace_back(variable.substr(0, variable.find('=')));
  }
  return names;
}

std::optional<std::string> environment_variable(const std::string& name) {
  const char* const value = std::getenv(name.c_str());
  return value == nullptr ? std::nullopt : std::optional<std::string>(value);
}

}  // namespace hubbub::server
