#include "client/tui/terminal/paint.hpp"

#include <optional>

#include "client/tui/text/clusters.hpp"

namespace hubbub::tui {

namespace {

class Brush {
 public:
  explicit Brush(const Capabilities& terminal) : terminal_(terminal) {}

  void clear() {
    out_ += terminal_.reset + terminal_.clear;
    at_.reset();
    style_ = Style{};
  }

  void put(Place place, const Cell& cell, int columns) {
    const bool sure = is_sure(cell.text);
    go(place);
    wear(cell.style);
    if (!sure) {
      out_.append(cell.width, ' ');
      at_.reset();
      go(place);
    }
    out_ += cell.text;
    at_->column += cell.width;
    // At the edge some terminals stand on the last column and some behind it.
    if (!sure || at_->column >= columns) at_.reset();
  }

  std::string finish(const std::optional<Place>& cursor) {
    wear(Style{});
    if (cursor) {
      go(*cursor);
      out_ += terminal_.show_cursor;
    }
    return std::move(out_);
  }
  void hide_cursor() { out_ += terminal_.hide_cursor; }

 private:
  void go(Place place) {
    if (at_ != place) out_ += move_to(terminal_, place);
    at_ = place;
  }

  void wear(const Style& style) {
    if (style_ == style) return;
    out_ += terminal_.reset;
    if (style.bold) out_ += terminal_.bold;
    if (style.dim) out_ += terminal_.dim;
    if (style.reverse) out_ += terminal_.reverse;
    if (style.fg >= 0) out_ += foreground(terminal_, style.fg);
    style_ = style;
  }

  const Capabilities& terminal_;
  std::string out_;
  std::optional<Place> at_;
  std::optional<Style> style_;
};

bool has_unsure(const Screen& screen, int row) {
  for (int column = 0; column < screen.size().columns; ++column) {
    const auto& cell = screen.at(row, column);
    if (cell.width > 0 && !is_sure(cell.text)) return true;
  }
  return false;
}

bool differs(const Screen& last, const Screen& next, int row, int column) {
  const int width = next.at(row, column).width;
  for (int i = 0; i < width; ++i)
    if (last.at(row, column + i) != next.at(row, column + i)) return true;
  return false;
}

// The corner of a terminal that can't stop wrapping would scroll everything up.
bool is_forbidden(const Capabilities& terminal, Size size, int row, int column, int width) {
  return !terminal.can_stop_wrapping && row == size.rows - 1 && column + width >= size.columns;
}

void paint_row(Brush& brush, const Screen& last, const Screen& next, int row, const Capabilities& terminal) {
  const auto size = next.size();
  const bool unsure = has_unsure(next, row);
  bool rest = false;
  for (int column = 0; column < size.columns;) {
    const auto& cell = next.at(row, column);
    if (rest || differs(last, next, row, column)) {
      rest = unsure;
      if (!is_forbidden(terminal, size, row, column, cell.width)) brush.put({row, column}, cell, size.columns);
    }
    column += cell.width;
  }
}

}  // namespace

std::string paint(const Screen& last, const Screen& next, const Capabilities& terminal) {
  const bool known = last.size() == next.size();
  if (known && last == next) return {};
  Brush brush(terminal);
  brush.hide_cursor();
  if (!known) brush.clear();
  const Screen& before = known ? last : Screen(next.size());
  for (int row = 0; row < next.size().rows; ++row) paint_row(brush, before, next, row, terminal);
  return brush.finish(next.cursor);
}

}  // namespace hubbub::tui
