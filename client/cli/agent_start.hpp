// Starts the agent of a hub in the background, as gpg-agent is started by gpg: once, whoever comes first.
//   fork, setsid, exec `hubbub agent run` --> a newline on a pipe once programs may come in, or the sentence why not
#pragma once

#include <string>

#include "client/cli/globals.hpp"
#include "client/link/location.hpp"

namespace hubbub::cli {

/// Returns once it is open for programs; another one that runs already is as good. What it logs goes to
/// $XDG_STATE_HOME/hubbub/agent/<hub>.log. Fails with the agent's own sentence, and unavailable.
Result<void> start_agent(const link::Location& location);

/// start_agent(), unless --no-agent or an empty HUBBUB_SOCK forgoes it: for commands that are nothing without it.
Result<void> want_agent(const Globals& globals, const link::Location& location);

/// Where it logs.
Result<std::string> agent_log(const Address& hub);

/// Names the descriptor for the agent that was started so.
inline constexpr const char* ready_variable = "HUBBUB_AGENT_READY";

}  // namespace hubbub::cli
