// What a search has found: a row each, the newest above.
//   2 2025-06-15 14:05 #ci.main <~alice> the build failed
#include <algorithm>
#include <string>

#include "client/tui/draw/parts.hpp"
#include "client/tui/text/cells.hpp"
#include "client/tui/view/theme.hpp"
#include "client/tui/view/time_text.hpp"

namespace hubbub::tui {

namespace {

Run row_of(const State& state, std::size_t index, int width) {
  const auto& [room, entry] = state.found->hits[index];
  Style plain = theme::plain, dim = theme::dim, name = theme::of_name(entry.from, state.config.colours);
  plain.reverse = dim.reverse = name.reverse = index == state.found->chosen;
  auto row = cells_of(index < 9 ? std::to_string(index + 1) + " " : "  ", dim);
  append(row, date_text(entry.time) + " " + clock_text(entry.time) + " ", dim);
  append(row, display(room) + " ", plain);
  append(row, entry.kind == EntryKind::action ? "* " : "<", dim);
  append(row, (entry.verified ? "" : "~") + entry.from, name);
  append(row, entry.kind == EntryKind::action ? " " : "> ", dim);
  if (entry.reply) append(row, "↳ " + std::to_string(entry.reply->to.value) + " ", dim);
  append(row, lines_of(entry.text).front(), plain);
  return shorten(row, width);
}

}  // namespace

void draw_found(Screen& screen, const State& state, const Layout& layout) {
  const auto& found = *state.found;
  const auto height = static_cast<std::size_t>(layout.height());
  const auto first = found.chosen < height ? 0 : found.chosen + 1 - height;
  const auto shown = std::min(found.hits.size() - first, height);
  for (std::size_t i = 0; i < shown; ++i)
    screen.put(layout.top + static_cast<int>(i), layout.messages.left, layout.messages.end,
               row_of(state, first + i, layout.messages.width()));
}

}  // namespace hubbub::tui
