// A file that says that a command is ready, for whoever has started it.
#pragma once

#include <optional>
#include <string>

namespace hubbub::cli {

/// Writes "ready" into `file`, if there is one. False, said on stderr, if that failed.
bool tell_ready(const std::optional<std::string>& file);

}  // namespace hubbub::cli
