#include "client/tui/draw/draw.hpp"

#include "client/tui/draw/parts.hpp"
#include "client/tui/text/cells.hpp"
#include "client/tui/view/theme.hpp"

namespace hubbub::tui {

namespace {

void draw_separators(Screen& screen, const Layout& layout) {
  for (int row = layout.top; row < layout.status_row; ++row) {
    if (layout.rooms.width() > 0) screen.fill(row, layout.rooms.end, layout.rooms.end + 1, theme::dim, "│");
    if (layout.members.width() > 0) screen.fill(row, layout.messages.end, layout.members.left, theme::dim, "│");
  }
}

}  // namespace

Screen draw(const State& state, Size size) {
  Screen screen(size);
  const auto layout = layout_for(size);
  if (layout.too_small) {
    screen.put(0, 0, size.columns, cells_of("too small"));
    return screen;
  }
  draw_topic(screen, state, layout);
  draw_separators(screen, layout);
  draw_rooms(screen, state, layout);
  draw_messages(screen, state, layout);
  draw_members(screen, state, layout);
  draw_status(screen, state, layout);
  draw_input(screen, state, layout);
  return screen;
}

}  // namespace hubbub::tui
