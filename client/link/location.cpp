#include "client/link/location.hpp"

#include <toml++/toml.h>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <memory>

#include "client/link/places.hpp"
#include "common/escape.hpp"

namespace hubbub::link {

namespace {

constexpr std::string_view hub_standard = "tcp://127.0.0.1:4848";

tl::unexpected<Error> mistake(const std::string& where, std::string_view what) {
  return fail(Status::invalid_argument, where + ": " + std::string(what));
}

std::string line_of(const std::string& path, const toml::source_region& source) {
  return path + ":" + std::to_string(source.begin.line);
}

}  // namespace

Result<std::string> read_config_text(const std::string& path) {
  const std::unique_ptr<std::FILE, int (*)(std::FILE*)> file(std::fopen(path.c_str(), "re"), std::fclose);
  if (!file && errno == ENOENT) return std::string();
  if (!file) return fail(Status::unavailable, "can't open " + path + ": " + std::strerror(errno));
  std::string text;
  char part[4096];
  while (const auto bytes = std::fread(part, 1, sizeof part, file.get())) text.append(part, bytes);
  if (std::ferror(file.get()) != 0)
    return fail(Status::unavailable, "can't read " + path + ": " + std::strerror(errno));
  return text;
}

namespace {

Result<ClientConfig> config_from(const toml::table& file, const std::string& path) {
  ClientConfig config;
  for (const auto& [key, node] : file) {
    const auto where = line_of(path, node.source());
    if (key == "agent" || key == "hook") continue;  // the agent reads them: client/agent/agent_config.hpp
    const auto shown = escape_for_terminal(key.str());
    auto* const into = key == "hub" ? &config.hub : key == "name" ? &config.name : nullptr;
    if (into == nullptr) return mistake(where, "there is no key '" + shown + "'; there are hub and name");
    const auto text = node.value_exact<std::string>();
    if (!text) return mistake(where, "'" + shown + "' takes a text in quotes");
    *into = *text;
  }
  return config;
}

/// The first that says something, and who said it.
struct Said {
  std::string text;
  std::string where;
};

Said first_of(const std::string& command_line, const char* flag, const char* variable, const std::string& in_file,
              const std::string& path) {
  if (!command_line.empty()) return {command_line, flag};
  if (auto value = environment(variable); !value.empty()) return {std::move(value), variable};
  return {in_file, path};
}

}  // namespace

Result<ClientConfig> read_client_config(const std::string& path) {
  const auto text = read_config_text(path);
  if (!text) return tl::unexpected(text.error());
  try {
    return config_from(toml::parse(*text), path);
  } catch (const toml::parse_error& error) {
    return mistake(line_of(path, error.source()), escape_for_terminal(error.description()));
  }
}

PersonName fit_person_name(std::string_view login) {
  std::string fit;
  for (char c : login.substr(0, limits::person_name_bytes_max)) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
    const bool fits = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_' || c == '-';
    if (fits)
      fit += c;
    else if (!fit.empty() && fit.back() != '-')
      fit += '-';
  }
  while (fit.ends_with('-')) fit.pop_back();
  return PersonName::literal(fit.empty() ? "somebody" : fit);
}

Result<Location> locate(const std::string& url, const std::string& name) {
  const auto path = config_file("config.toml");
  const auto config = path ? read_client_config(*path) : Result<ClientConfig>(ClientConfig{});
  if (!config) return tl::unexpected(config.error());
  const auto hub = first_of(url, "--hub", "HUBBUB_URL", config->hub, path.value_or(""));
  const auto who = first_of(name, "--name", "HUBBUB_NAME", config->name, path.value_or(""));
  const auto address = Address::parse(hub.text.empty() ? hub_standard : hub.text);
  if (!address) return mistake(hub.where, address.error().sentence);
  const auto person = who.text.empty() ? fit_person_name(login_name()) : PersonName::parse(who.text);
  if (!person) return mistake(who.where, person.error().sentence);
  return Location{*address, *person};
}

}  // namespace hubbub::link
