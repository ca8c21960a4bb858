#include "client/cli/agent_route.hpp"

#include <cstdlib>
#include <filesystem>

#include "client/link/agent_door.hpp"

namespace hubbub::cli {

namespace {

/// The place of the agent that is meant. One that HUBBUB_SOCK names may be another hub's: it isn't what --hub asks for.
std::optional<link::AgentPlace> meant_place(const Globals& globals, const link::Options& options) {
  const auto place = link::agent_place(options.hub);
  const char* said = std::getenv("HUBBUB_SOCK");
  if (said == nullptr || place.socket() == said) return place;
  if (*said == '\0' || !globals.hub.empty()) return std::nullopt;
  const auto folder = std::filesystem::path(said).parent_path();
  return link::AgentPlace{folder.parent_path(), folder};
}

}  // namespace

bool route_through_agent(const Globals& globals, link::Options& options) {
  if (globals.no_agent) return false;
  const auto place = meant_place(globals, options);
  const auto agent = place ? link::running_agent(*place) : std::nullopt;
  if (!agent || agent->name != options.name) return false;
  const auto address = Address::parse("unix://" + place->socket());
  if (!address) return false;
  options.hub = *address;
  return true;
}

}  // namespace hubbub::cli
