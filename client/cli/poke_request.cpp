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

Result<void> refusal_in(const std::string& answer) {
  const auto line = nlohmann::ordered_json::parse(answer, nullptr, false);
  if (line.is_object() && line.value("done", false)) return {};
  const auto* error = line.is_object() && line.contains("error") ? &line["error"] : nullptr;
  if (error == nullptr || !error->is_object())
    return fail(Status::internal, "the agent's answer could not be understood");
  const auto name = error->value("status", std::string());
  const auto found = std::ranges::find(status_names, name);
  const auto status = found == status_names.end() ? Status::unknown : static_cast<Status>(found - status_names.begin());
  return fail(status, escape_for_terminal(error->value("sentence", std::string())));
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
