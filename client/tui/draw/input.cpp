// The line that is being typed. A line feed in it is shown as a mark; a line longer than the screen moves sideways, so
// that the cursor is always in view.
#include <algorithm>
#include <string>

#include "client/tui/draw/parts.hpp"
#include "client/tui/text/cells.hpp"
#include "client/tui/view/theme.hpp"

namespace hubbub::tui {

namespace {

Run marked(std::string_view text) {
  Run run;
  for (std::size_t at = 0; at <= text.size();) {
    const auto end = std::min(text.find('\n', at), text.size());
    append(run, text.substr(at, end - at));
    if (end < text.size()) run.push_back({"⏎", 1, theme::line_mark});
    at = end + 1;
  }
  return run;
}

// A text of megabytes isn't measured for each key: only what can be on the screen counts.
constexpr std::size_t looked_at_max = 4096;

std::string_view last_of(std::string_view text) {
  if (text.size() <= looked_at_max) return text;
  auto from = text.size() - looked_at_max;
  while (from < text.size() && (static_cast<unsigned char>(text[from]) & 0xC0) == 0x80) ++from;
  return text.substr(from);
}

// Drops cells from the left until `room` columns are enough; at least half a screen at once, so that typing at the edge
// doesn't move the line with each key.
void scroll(Run& run, int columns) {
  if (width_of(run) < columns) return;
  const int step = std::max(1, columns / 2);
  const int drop = (width_of(run) - columns) / step * step + step;
  int dropped = 0;
  std::size_t cells = 0;
  while (cells < run.size() && dropped < drop) dropped += run[cells++].width;
  run.erase(run.begin(), run.begin() + static_cast<std::ptrdiff_t>(cells));
}

std::string prompt(const State& state, int width) {
  const auto& room = active_room(state);
  if (width < 40) return room.thread ? "↳ > " : "> ";
  if (is_home(room)) return "> ";
  const auto where = room.thread ? " ↳ " + std::to_string(room.thread->root.seq.value) : std::string();
  return display(room.name).substr(0, static_cast<std::size_t>(width / 4)) + where + " > ";
}

}  // namespace

void draw_input(Screen& screen, const State& state, const Layout& layout) {
  const int width = screen.size().columns;
  const auto& input = active_room(state).input;
  const auto text = std::string_view(input.text());
  const int left = screen.put(layout.input_row, 0, width, cells_of(prompt(state, width), theme::dim));
  Run before = marked(last_of(text.substr(0, input.cursor())));
  scroll(before, width - left);
  const int column = screen.put(layout.input_row, left, width, before);
  screen.put(layout.input_row, column, width, marked(text.substr(input.cursor(), looked_at_max)));
  screen.cursor = Place{layout.input_row, std::min(column, width - 1)};
}

}  // namespace hubbub::tui
