// The table of subcommands. To add one: its file with its row, one declaration and one line in the table below it.
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "client/cli/command.hpp"

namespace hubbub::cli {

/// In the order of the help.
std::span<const Command* const> all_commands();

/// Nothing if there is no such subcommand.
const Command* find_command(std::string_view name);

/// "there is no command 'pubb'; did you mean pub?"
std::string unknown_command(std::string_view word);

/// Its options and operands, bound to `action`, and after them the global options, bound to `globals`.
Syntax syntax_of(Action& action, Globals& globals);

}  // namespace hubbub::cli
