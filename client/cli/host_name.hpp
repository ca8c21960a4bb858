// What this host calls itself.
#pragma once

#include <string>

namespace hubbub::cli {

/// Safe to show; "unknown" where the system doesn't tell.
std::string host_name();

}  // namespace hubbub::cli
