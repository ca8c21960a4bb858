// What the board of a user and a hub is called.
#pragma once

#include <sys/types.h>

#include <string>

namespace hubbub::agent {

/// `hub`: by link::hub_key().
inline std::string board_name(uid_t uid, const std::string& hub) { return "hubbub-" + std::to_string(uid) + "-" + hub; }

/// Where shm_open(3) puts what it is asked for by this name (shm_overview(7)).
inline std::string board_path(const std::string& name) { return "/dev/shm/" + name; }

}  // namespace hubbub::agent
