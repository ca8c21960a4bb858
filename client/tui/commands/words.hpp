// What slash commands do with their arguments.
#pragma once

#include <string>
#include <string_view>

#include "client/tui/commands/commands.hpp"

namespace hubbub::tui {

struct Words {
  std::string_view first;
  std::string_view rest;
};

inline Words split(std::string_view text) {
  const auto end = text.find_first_of(" \n");
  if (end == std::string_view::npos) return {text, {}};
  const auto rest = text.find_first_not_of(" \n", end);
  return {text.substr(0, end), rest == std::string_view::npos ? std::string_view{} : text.substr(rest)};
}

inline void complain(State& state, const Error& error) { trouble(state, active_room(state), error.sentence); }

inline void usage(State& state, std::string_view name) {
  const auto* command = find_command(name).command;
  trouble(state, active_room(state), "usage: /" + std::string(command->name) + " " + std::string(command->arguments));
}

}  // namespace hubbub::tui
