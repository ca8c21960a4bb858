// A room's messages as rows of a given width.
//   item --rows_of--> [hole] [day line] [unread line] message, wrapped and indented [reactions] [its thread's line]
// Scrolling counts these rows, drawing shows them. One message has a bounded number of them: a thousand line feeds are
// no reason to scroll for an hour.
#pragma once

#include <cstddef>
#include <vector>

#include "client/tui/state/state.hpp"
#include "client/tui/state/threads.hpp"

namespace hubbub::tui {

/// The rows of what is shown at that place; never empty, none wider than `width`.
std::vector<Run> rows_of(const State& state, const Room& room, const Shown& shown, std::size_t at, int width);

/// Of one message, with the one that says how many more there are.
inline constexpr std::size_t rows_of_message_max = 200;

/// Kinds of reactions, without the note that says how many more there are.
inline constexpr std::size_t reactions_shown_max = 20;

/// Lines of JSON that is laid out, without the one that says how many more there are.
inline constexpr std::size_t json_lines_max = 30;

}  // namespace hubbub::tui
