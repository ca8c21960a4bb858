// Moving through what is in view: a room's messages, or its open thread. The view hangs on the row at its bottom, so
// that what comes above (older history) or below (new messages) doesn't move it.
#pragma once

#include <cstddef>
#include <vector>

#include "client/tui/state/state.hpp"

namespace hubbub::tui {

/// By pages of the screen less one row; up is negative. Asks the hub for older messages at the top.
void scroll_pages(State& state, int pages);
void scroll_to_top(State& state);
void scroll_to_bottom(State& state);

/// Puts that item into the middle of the view, as far as there is something around it. REQUIRES: it is in view.
void scroll_to(State& state, Room& room, std::size_t index);

/// Moves the view only if the item isn't in it as a whole, and asks for older messages where it is the oldest.
void bring_into_view(State& state, Room& room, std::size_t index);

/// After another size or a change above: no emptiness above the oldest message while there is something below.
void settle_scroll(State& state, Room& room);

/// Asks for older messages where what is here doesn't fill the view, page by page, for some pages: much of what came
/// may not be shown.
void fill_view(State& state, Room& room);

/// The rows that are in view, from the top, at most `height`.
std::vector<Run> rows_in_view(const State& state, const Room& room, int width, int height);

}  // namespace hubbub::tui
