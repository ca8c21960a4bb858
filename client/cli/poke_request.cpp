#include "client/cli/poke_request.hpp"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "common/escape.hpp"

namespace hubbub::cli {

std::string poke_line(const PokeRequest& request) {
  auto on = nlohmann::ordered_json::array();
  for (const auto kind : request.on) on.push_back(agent::name_of(kind));
  return nlohmann::ordered_json{{"op", "poke"}, {"pid", request.pid}, {"signal", request.signal}, {"on", on}}.dump();
}

Result<void> add_poke_on(std::string_view word, std::vector<agent::PokeOn>& on) {
  const auto kind = agent::poke_on_named(word);
  if (!kind)
    return fail(Status::invalid_argument, "'" + escape_for_terminal(word) +
                                              "' is nothing to be poked on; there are unread, "
                                              "mention and presence");
  if (std::ranges::find(on, *kind) == on.end()) on.push_back(*kind);
  return {};
}

}  // namespace hubbub::cli
