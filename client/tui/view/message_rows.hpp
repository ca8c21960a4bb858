// A room's messages as rows of a given width.
//   item --rows_of--> [day line] [unread line] message, wrapped and indented
// Scrolling counts these rows, drawing shows them.
#pragma once

#include <cstddef>
#include <vector>

#include "client/tui/state/state.hpp"

namespace hubbub::tui {

/// The rows of the room's item `index`; never empty, none wider than `width`.
std::vector<Run> rows_of(const State& state, const Room& room, std::size_t index, int width);

}  // namespace hubbub::tui
