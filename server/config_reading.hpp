// A configuration while it is being read: what is known so far, from where, and what was wrong.
//   file, environment, flags  --take-->  Reading  --check_relations-->  LoadedConfig
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "server/config_settings.hpp"

namespace hubbub::server {

struct Reading {
  Config config;
  std::vector<Mistake> mistakes;
  std::map<std::string_view, std::string> origins;  ///< key → where its value came from; absent: the default

  /// Sets one setting, or notes why not. A bad value leaves the one from before.
  void take(const Setting& setting, const Result<Value>& value, std::string where) {
    auto done = value ? assign(setting, *value, config) : Result<void>(tl::unexpected(value.error()));
    if (!done) note(where, setting.key, std::move(done).error().sentence);
    origins[setting.key] = std::move(where);
  }
  void note(std::string where, std::string_view key, std::string sentence) {
    mistakes.push_back({std::move(where), std::string(key), std::move(sentence)});
  }
  [[nodiscard]] std::string origin(std::string_view key) const {
    const auto found = origins.find(key);
    return found == origins.end() ? "default" : found->second;
  }
};

/// Reads hubbubd.toml. Notes each unknown key and wrong value with its line; a syntax error ends the reading.
void read_config_file(const std::string& path, Reading& reading);

/// Notes what is right by itself and wrong together.
void check_relations(Reading& reading);

}  // namespace hubbub::server
