// The messages, from the bottom up.
#include "client/tui/draw/parts.hpp"
#include "client/tui/text/cells.hpp"
#include "client/tui/view/scrolling.hpp"
#include "client/tui/view/theme.hpp"

namespace hubbub::tui {

void draw_messages(Screen& screen, const State& state, const Layout& layout) {
  if (state.found) return draw_found(screen, state, layout);
  const auto& column = layout.messages;
  const auto rows = rows_in_view(state, active_room(state), column.width(), layout.height());
  int row = layout.status_row - static_cast<int>(rows.size());
  for (const auto& run : rows) screen.put(row++, column.left, column.end, run);
}

}  // namespace hubbub::tui
