// Opening and closing a thread in the place of its room's messages.
//   /thread 42, t on a picked message, a search's hit --> its first message, here or asked for --> Room::thread
#pragma once

#include <optional>

#include "client/tui/state/state.hpp"

namespace hubbub::tui {

/// Opens the thread of that message, at that message. What isn't here is asked for, unless it was (`fetched`).
void show_thread(State& state, Room& room, Seq seq, bool fetched = false);
/// Opens the one with something new in it; else the one that was answered last. False if there is none.
bool show_newest_thread(State& state, Room& room);
/// Goes back to the room. What was being typed in the thread can be put in by Ctrl+Y.
void close_thread(State& state, Room& room);

/// What is typed in the room's view answers this; nothing if that isn't a thread.
std::optional<link::Reply> answered_in_view(const Room& room);

}  // namespace hubbub::tui
