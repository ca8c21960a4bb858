#include "client/cli/agent_route.hpp"

#include "client/link/agent_door.hpp"

namespace hubbub::cli {

bool route_through_agent(const Globals& globals, link::Options& options) {
  const auto agent = globals.no_agent ? std::nullopt : link::find_agent(options.hub);
  if (!agent || agent->name != options.name) return false;
  const auto address = Address::parse("unix://" + agent->place.socket());
  if (!address) return false;
  options.hub = *address;
  return true;
}

}  // namespace hubbub::cli
