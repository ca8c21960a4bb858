// The parts that help and man page share.
#pragma once

#include <string_view>
#include <vector>

#include "client/cli/layout.hpp"
#include "client/cli/syntax.hpp"

namespace hubbub::cli {

inline constexpr std::string_view general_about =
    "Without a command, on a terminal: the full-screen client, as with hubbub chat. Rooms are written without their #; "
    "@NAME is the conversation with one person. Lengths of time are 500ms, 2s, 1.5m, 1h30m, or a number of seconds.";

Syntax global_syntax();
std::vector<Definition> option_definitions(const Syntax& syntax);
std::vector<Definition> operand_definitions(const Syntax& syntax);
std::vector<Definition> environment_definitions();
std::vector<Definition> format_definitions();
/// Has --format, so that its places are worth telling.
bool has_format(const Syntax& syntax);

}  // namespace hubbub::cli
