// The parts of the screen; each draws into its own rectangle.
#pragma once

#include "client/tui/screen.hpp"
#include "client/tui/state/state.hpp"
#include "client/tui/view/layout.hpp"

namespace hubbub::tui {

void draw_topic(Screen& screen, const State& state, const Layout& layout);
void draw_rooms(Screen& screen, const State& state, const Layout& layout);
void draw_messages(Screen& screen, const State& state, const Layout& layout);
/// What a search has found, in the place of the messages.
void draw_found(Screen& screen, const State& state, const Layout& layout);
void draw_members(Screen& screen, const State& state, const Layout& layout);
void draw_status(Screen& screen, const State& state, const Layout& layout);
/// Also places the cursor.
void draw_input(Screen& screen, const State& state, const Layout& layout);

}  // namespace hubbub::tui
