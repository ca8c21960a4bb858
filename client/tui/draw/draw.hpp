// The screen as a function of the state.
#pragma once

#include "client/tui/screen.hpp"
#include "client/tui/state/state.hpp"

namespace hubbub::tui {

/// Any state on any size, down to one cell. Knows no terminal, changes nothing.
Screen draw(const State& state, Size size);

}  // namespace hubbub::tui
