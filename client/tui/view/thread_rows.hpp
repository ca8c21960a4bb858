// What threads add to the messages of a room.
//   root    "└ 3 replies (1 new), last by ~bob 12:03, /thread 42"
//   answer  "↳ 42 " before its text, where what it answers isn't the message that it stands below
#pragma once

#include <string>

#include "client/tui/state/state.hpp"
#include "client/tui/state/threads.hpp"

namespace hubbub::tui {

/// The line below the item, in at most `width` columns; empty if nothing answers it, or its thread is what is shown.
Run thread_row(const State& state, const Room& room, const Shown& shown, std::size_t at, int width);

/// Before the text of the item; empty for what answers nothing, or the first message of the thread that is shown.
std::string answer_mark(const Room& room, const Entry& entry);

}  // namespace hubbub::tui
