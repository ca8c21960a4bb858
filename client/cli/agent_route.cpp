#include "client/cli/agent_route.hpp"

#include <memory>
#include <utility>

#include "client/cli/complain.hpp"
#include "client/link/agent_door.hpp"

namespace hubbub::cli {

bool route_through_agent(const Globals& globals, link::Options& options) {
  const auto agent = globals.no_agent ? std::nullopt : link::find_agent(options.hub);
  if (!agent || agent->name != options.name) return false;
  const auto address = Address::parse("unix://" + agent->place.socket());
  if (!address) return false;
  options.instead = link::Instead{std::exchange(options.hub, *address), [] {
                                    note("the agent is gone; going on straight to the hub");
                                    return std::shared_ptr<link::Outbox>();
                                  }};
  return true;
}

}  // namespace hubbub::cli
