// The slash commands that say something about a message: /edit, /redact, /react, /unreact, /pin, /unpin, /pins.
#pragma once

#include <string_view>

#include "client/tui/state/state.hpp"

namespace hubbub::tui {

void edit(State& state, std::string_view arguments);
void redact(State& state, std::string_view arguments);
void react(State& state, std::string_view arguments);
void unreact(State& state, std::string_view arguments);
void pin(State& state, std::string_view arguments);
void unpin(State& state, std::string_view arguments);
void list_pins(State& state, std::string_view arguments);

}  // namespace hubbub::tui
