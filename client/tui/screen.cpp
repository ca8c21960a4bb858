#include "client/tui/screen.hpp"

#include <algorithm>

namespace hubbub::tui {

int width_of(const Run& run) {
  int sum = 0;
  for (const auto& cell : run) sum += cell.width;
  return sum;
}

Screen::Screen(Size size)
    : size_(size), cells_(static_cast<std::size_t>(size.rows) * static_cast<std::size_t>(size.columns)) {}

std::string Screen::text(int row) const {
  std::string text;
  for (int column = 0; column < size_.columns; ++column)
    if (at(row, column).width > 0) text += at(row, column).text;
  text.erase(text.find_last_not_of(' ') + 1);
  return text;
}

// A wide cell of which one half is written over leaves a blank in the other half.
void Screen::release(int row, int column) {
  auto& cell = cells_[index(row, column)];
  if (cell.width == 0) {
    auto& left = cells_[index(row, column - 1)];
    left.text = " ";
    left.width = 1;
  } else if (cell.width == 2) {
    auto& right = cells_[index(row, column + 1)];
    right.text = " ";
    right.width = 1;
  }
  cell.width = 1;
}

int Screen::put(int row, int column, int end, const Run& run) {
  end = std::min(end, size_.columns);
  if (row < 0 || row >= size_.rows || column < 0) return column;
  for (const auto& cell : run) {
    if (column + cell.width > end) break;
    for (int i = 0; i < cell.width; ++i) release(row, column + i);
    cells_[index(row, column)] = cell;
    if (cell.width == 2) cells_[index(row, column + 1)] = Cell{"", 0, cell.style};
    column += cell.width;
  }
  return column;
}

void Screen::fill(int row, int from, int end, const Style& style, std::string_view with) {
  const Cell blank{std::string(with), 1, style};
  put(row, from, end, Run(static_cast<std::size_t>(std::max(0, end - from)), blank));
}

}  // namespace hubbub::tui
