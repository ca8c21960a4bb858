// How the state changes.
//   State + Event --> State + effects (what is to be done; see take_effects)
#pragma once

#include "client/tui/apply/event.hpp"
#include "client/tui/state/state.hpp"

namespace hubbub::tui {

/// Total: any event in any state. No socket, clock or terminal in it.
void apply(State& state, const Event& event);

}  // namespace hubbub::tui
