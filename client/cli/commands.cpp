#include "client/cli/commands.hpp"

#include <algorithm>
#include <array>

#include "client/cli/nearest.hpp"

namespace hubbub::cli {

extern const Command pub_command, sub_command, say_command, tail_command, join_command, part_command, who_command,
    rooms_command, history_command, topic_command, away_command, ping_command, call_command, chat_command,
    completion_command, help_command, outbox_command, run_command, lag_command, export_command, import_command,
    search_command, ipc_command, agent_command, board_command, notify_command, poke_command, trace_command,
    serve_command, services_command, edit_command, redact_command, react_command, pin_command, pins_command,
    group_command, dead_command, later_command;

namespace {

constexpr std::array table = {&chat_command,  &say_command,        &tail_command,    &pub_command,      &later_command,
                              &run_command,   &sub_command,        &notify_command,  &join_command,     &part_command,
                              &who_command,   &rooms_command,      &history_command, &search_command,   &lag_command,
                              &trace_command, &edit_command,       &redact_command,  &react_command,    &pin_command,
                              &pins_command,  &export_command,     &import_command,  &topic_command,    &away_command,
                              &ping_command,  &call_command,       &serve_command,   &services_command, &group_command,
                              &dead_command,  &outbox_command,     &agent_command,   &board_command,    &poke_command,
                              &ipc_command,   &completion_command, &help_command};

}  // namespace

std::span<const Command* const> all_commands() { return table; }

const Command* find_command(std::string_view name) {
  const auto found = std::ranges::find(table, name, &Command::name);
  return found == table.end() ? nullptr : *found;
}

std::string unknown_command(std::string_view word) {
  std::vector<std::string_view> names;
  for (const auto* command : table) names.push_back(command->name);
  const auto near = nearest(word, names);
  return "there is no command '" + std::string(word) + "'" +
         (near.empty() ? "" : "; did you mean " + std::string(near) + "?");
}

Syntax syntax_of(Action& action, Globals& globals) {
  Syntax syntax;
  action.declare(syntax);
  declare_globals(syntax, globals);
  return syntax;
}

}  // namespace hubbub::cli
