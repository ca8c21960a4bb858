// A message as the environment of a program that is run for it.
//   sub --exec, hooks, notify: the body on its stdin, everything else in variables
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "client/link/types.hpp"

namespace hubbub::link {

/// What the variables of a message's headers begin with. Whoever adds those of one message takes away all that another
/// has left: see environment_with().
inline constexpr std::string_view header_variables = "HUBBUB_HEADER_";

/// As NAME=VALUE: HUBBUB_ROOM, HUBBUB_SEQ, HUBBUB_TIME, HUBBUB_FROM, HUBBUB_VERIFIED, HUBBUB_KIND, and
/// HUBBUB_HEADER_<KEY> for each header (in capitals, - as _).
std::vector<std::string> message_variables(const Message& message);

}  // namespace hubbub::link
