// What a terminal shows, as a value: rows of cells and a cursor. Knows no terminal.
//   draw(State, Size) --> Screen --paint(last, next)--> bytes for the terminal
//
// A cell is one grapheme cluster with its width. One of width 2 is followed by one of width 0 that only holds its
// place, so that the widths of a row always add up to the columns of the screen.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace hubbub::tui {

struct Size {
  int rows = 0;
  int columns = 0;
  bool operator==(const Size&) const = default;
};

/// Colours are numbers of the terminal's palette (0 to 255); -1 is its own default.
struct Style {
  std::int16_t fg = -1;
  bool bold = false;
  bool dim = false;
  bool reverse = false;
  bool operator==(const Style&) const = default;
};

struct Cell {
  std::string text = " ";
  std::uint8_t width = 1;
  Style style;
  bool operator==(const Cell&) const = default;
};

/// A piece of a line that has not found its place yet: cells of width 1 and 2.
using Run = std::vector<Cell>;
int width_of(const Run& run);

struct Place {
  int row = 0;
  int column = 0;
  bool operator==(const Place&) const = default;
};

class Screen {
 public:
  Screen() = default;
  explicit Screen(Size size);

  [[nodiscard]] Size size() const { return size_; }
  [[nodiscard]] const Cell& at(int row, int column) const { return cells_[index(row, column)]; }
  /// The row's text without its trailing blanks; for tests and transcripts.
  [[nodiscard]] std::string text(int row) const;

  /// Puts `run` at (row, column), at most up to and without column `end`. A wide cell that would be cut is left out.
  /// Returns the column after what was put. Whatever lies outside of the screen is ignored.
  int put(int row, int column, int end, const Run& run);
  /// Blanks columns `from` up to and without `end` in one style.
  void fill(int row, int from, int end, const Style& style, std::string_view with = " ");

  std::optional<Place> cursor;  ///< empty: hidden
  bool operator==(const Screen&) const = default;

 private:
  [[nodiscard]] std::size_t index(int row, int column) const {
    return static_cast<std::size_t>(row) * static_cast<std::size_t>(size_.columns) + static_cast<std::size_t>(column);
  }
  void release(int row, int column);

  Size size_;
  std::vector<Cell> cells_;
};

}  // namespace hubbub::tui
