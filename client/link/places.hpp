// Where a program of this user keeps its files (https://specifications.freedesktop.org/basedir-spec).
#pragma once

#include <string>

#include "proto/status.hpp"

namespace hubbub::link {

/// What an environment variable says; empty where it isn't set.
std::string environment(const char* name);

/// The user's login name; empty where the system knows none.
std::string login_name();

/// `hubbub/<file>` under $XDG_CONFIG_HOME, or ~/.config. Fails where there is no home.
Result<std::string> config_file(const std::string& file);
/// `hubbub/<file>` under $XDG_STATE_HOME, or ~/.local/state.
Result<std::string> state_file(const std::string& file);

}  // namespace hubbub::link
