// The command line of hubbubd.
//   arguments --parse_options--> what to do, and the settings that were given as flags
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "proto/status.hpp"
#include "server/config.hpp"

namespace hubbub::server {

enum class Action {
  serve,
  check_config,  ///< say what is wrong with the configuration
  health,        ///< ask a running hub whether it serves
  print,         ///< `text`
  backup,        ///< write a copy of the data to `path`, also while a hub serves
  restore,       ///< put the copy at `path` into the data directory
  check,         ///< look for damage in the data, or in the copy at `path`
};

struct Options {
  Action action = Action::serve;
  ConfigSources sources;
  std::string health_url;  ///< empty: where the configuration listens
  std::string text;
  std::string path;      ///< of a backup
  bool replace = false;  ///< what is there, by a backup or by what is restored
};

/// Without the program's name. Fails with invalid_argument and a sentence.
Result<Options> parse_options(std::span<const std::string> arguments);

// What the help and the manual page say beside the settings.

struct HelpRow {
  std::string_view name;
  std::string_view help;
};
std::span<const HelpRow> commands_help();
std::span<const HelpRow> general_flags();
std::span<const HelpRow> signals_help();
std::span<const HelpRow> exit_codes_help();

}  // namespace hubbub::server
