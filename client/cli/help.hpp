// Help and man page, made from the table of commands.
#pragma once

#include <string>

#include "client/cli/command.hpp"

namespace hubbub::cli {

/// `hubbub help`.
std::string general_help();
/// `hubbub help NAME`.
std::string help_of(const Command& command);
/// One line, for after a usage error.
std::string usage_of(const Command& command);

/// hubbub.1, in the man macros of roff.
std::string manual_page();

}  // namespace hubbub::cli
