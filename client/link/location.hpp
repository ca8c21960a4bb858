// Where the hub is, and as whom to go there. What is said first counts:
//   the command line  >  HUBBUB_URL, HUBBUB_NAME  >  $XDG_CONFIG_HOME/hubbub/config.toml  >  tcp://127.0.0.1:4848,
//   login name
//
//   # config.toml
//   hub = "tcp://chat.example.org:4848"
//   name = "alice"
//   [agent] and [[hook]]: see client/agent/agent_config.hpp
#pragma once

#include <string>
#include <string_view>

#include "common/address.hpp"
#include "proto/text.hpp"

namespace hubbub::link {

struct Location {
  Address hub;
  PersonName name;
};

/// `url` and `name` are what the command line says; empty where it says nothing. Fails with invalid_argument and a
/// sentence that says where the mistake is: on the command line, in which variable, or in which line of which file.
Result<Location> locate(const std::string& url, const std::string& name);

/// What the file says; empty where it doesn't.
struct ClientConfig {
  std::string hub;
  std::string name;
};
/// No such file is an empty one. An unknown key is a mistake; the tables `agent` and `hook` are the agent's.
Result<ClientConfig> read_client_config(const std::string& path);

/// The whole file; nothing where there is none. Fails with unavailable.
Result<std::string> read_config_text(const std::string& path);

/// A login name, made to fit: `John.Doe` becomes `john-doe`, and one of which nothing fits `somebody`.
PersonName fit_person_name(std::string_view login);

}  // namespace hubbub::link
