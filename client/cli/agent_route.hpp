// The way of a command to the hub: through the agent, where one runs for that hub and name.
#pragma once

#include "client/cli/globals.hpp"
#include "client/link/link.hpp"

namespace hubbub::cli {

/// Sends the command to the agent instead of the hub. False, and nothing changed, where none runs for that hub under
/// that name, or --no-agent or an empty HUBBUB_SOCK forgoes it. Where the agent ends, the command goes on straight to
/// the hub, and says so.
bool route_through_agent(const Globals& globals, link::Options& options);

}  // namespace hubbub::cli
