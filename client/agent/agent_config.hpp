// What the client's configuration file says about the agent.
//   [agent]
//   rooms = ["ops"]               # to be kept beside those that one has joined
//
//   [[hook]]
//   on = "mention"                # or "direct", or "message"
//   rooms = "ci.>"                # only there
//   run = ["notify-send", "hubbub"]
//   limit = 60                    # seconds
//   reply = true                  # what it writes is said in the room, as a notice
//   keep = true                   # it runs all the time, and each message is a JSON line on its stdin
#pragma once

#include <string>
#include <vector>

#include "client/agent/hook_rule.hpp"

namespace hubbub::agent {

struct AgentConfig {
  std::vector<RoomName> rooms;
  std::vector<HookRule> hooks;
};

inline constexpr std::size_t hooks_max = 64;
inline constexpr std::size_t kept_rooms_max = 256;
inline constexpr std::chrono::seconds hook_limit_max{3600};

/// No such file is an empty one. Fails with invalid_argument and a sentence that says where the mistake is, in which
/// line.
Result<AgentConfig> read_agent_config(const std::string& path);

}  // namespace hubbub::agent
