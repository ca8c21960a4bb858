#include "client/tui/view/layout.hpp"

#include <algorithm>

namespace hubbub::tui {

namespace {

constexpr int columns_with_rooms = 40;
constexpr int columns_with_members = 60;
constexpr int side_columns_max = 24;

// A side column grows with the screen; one more column is the line between.
int side_columns(Size size) { return std::clamp(size.columns / 6, 12, side_columns_max); }

}  // namespace

Layout layout_for(Size size) {
  Layout layout;
  layout.too_small = size.rows < smallest.rows || size.columns < smallest.columns;
  layout.status_row = size.rows - 2;
  layout.input_row = size.rows - 1;
  const int side = side_columns(size);
  layout.messages = {0, size.columns};
  if (size.columns >= columns_with_rooms) {
    layout.rooms = {0, side};
    layout.messages.left = side + 1;
  }
  if (size.columns >= columns_with_members) {
    layout.members = {size.columns - side, size.columns};
    layout.messages.end = size.columns - side - 1;
  }
  return layout;
}

}  // namespace hubbub::tui
