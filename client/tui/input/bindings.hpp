// What each key does, as a table. /help keys derives from the rows.
#pragma once

#include <string>
#include <vector>

#include "client/tui/input/key.hpp"
#include "client/tui/state/state.hpp"

namespace hubbub::tui {

/// Does what the key is bound to; types it if it is text. Every key answers an open question: the one that asked says
/// yes, all others say no and do their own work.
void press(State& state, const Key& key);

std::vector<std::string> help_with_keys();

}  // namespace hubbub::tui
