#include "client/tui/view/scrolling.hpp"

#include <algorithm>
#include <iterator>
#include <utility>

#include "client/tui/view/layout.hpp"
#include "client/tui/view/message_rows.hpp"

namespace hubbub::tui {

namespace {

// The row at the bottom of the view: `below` rows before the end of item `index`.
struct Bottom {
  std::size_t index = 0;
  int below = 0;
};

class Walk {
 public:
  Walk(const State& state, const Room& room, int width) : state_(state), room_(room), width_(width) {}

  [[nodiscard]] int rows(std::size_t index) const {
    return static_cast<int>(rows_of(state_, room_, index, width_).size());
  }
  [[nodiscard]] Bottom newest() const { return {room_.items() - 1, 0}; }

  /// Where the view hangs; the oldest item where the one that it hung on is gone.
  [[nodiscard]] Bottom bottom() const {
    if (room_.scroll.following) return newest();
    const auto index = room_.find(room_.scroll.bottom).value_or(0);
    return {index, std::min(room_.scroll.rows_below, rows(index) - 1)};
  }

  /// As far up as there are rows, at most to what comes after a hole.
  [[nodiscard]] Bottom up(Bottom at, int count) const {
    at.below += count;
    for (int here = rows(at.index); at.below >= here; here = rows(at.index)) {
      if (at.index == 0 || room_.hole_before(at.index) != nullptr) return {at.index, here - 1};
      at.below -= here;
      --at.index;
    }
    return at;
  }
  /// As far down as there are rows, at most to what comes before a hole.
  [[nodiscard]] Bottom down(Bottom at, int count) const {
    at.below -= count;
    while (at.below < 0) {
      if (at.index + 1 >= room_.items()) return newest();
      if (room_.hole_before(at.index + 1) != nullptr) return {at.index, 0};
      at.below += rows(++at.index);
    }
    return at;
  }
  /// Rows from the oldest to that one, or `enough` if there are as many.
  [[nodiscard]] int rows_to(Bottom at, int enough) const {
    int sum = rows(at.index) - at.below;
    while (sum < enough && at.index > 0) sum += rows(--at.index);
    return std::min(sum, enough);
  }
  /// The same place, or lower if a view of that height would have rows above the oldest.
  [[nodiscard]] Bottom filling(Bottom at, int height) const {
    const int filled = rows_to(at, height);
    return filled < height ? down(at, height - filled) : at;
  }

 private:
  const State& state_;
  const Room& room_;
  int width_;
};

void hang(Room& room, const Walk& walk, Bottom at) {
  const auto newest = walk.newest();
  if (at.index == newest.index && at.below == newest.below) {
    room.scroll = {};
  } else {
    if (std::exchange(room.scroll.following, false) && !room.entries.empty())
      room.scroll.newest_seen = room.entries.back().id;
    room.scroll.bottom = room.item(at.index).id;
    room.scroll.rows_below = at.below;
  }
}

void ask_for_older(State& state, Room& room) {
  if (room.history_asked || room.history_complete || is_home(room)) return;
  room.history_asked = true;
  effect(state, AskHistory{room.name, room.oldest(), room.life});
}

// What is missing next to what is in view: at its lower end from there on, elsewhere up to what comes after it.
void ask_for_missing(State& state, Room& room, const Walk& walk, Bottom at, int height) {
  if (room.history_asked || room.holes.empty()) return;
  const auto ask = [&](Seq before) {
    room.history_asked = true;
    effect(state, AskHistory{room.name, before, room.life});
  };
  if (const auto* hole = room.hole_before(at.index + 1))
    return ask(std::min(hole->last.next(), Seq{hole->first.value + history_page}));
  for (int rows = walk.rows(at.index) - at.below;; rows += walk.rows(--at.index)) {
    if (const auto* hole = room.hole_before(at.index)) return ask(hole->last.next());
    if (rows >= height || at.index == 0) return;
  }
}

// Moves by rows (up is negative), fills the view from its top, and asks for more once the oldest row is in view.
void scroll_rows(State& state, int rows) {
  const auto layout = layout_for(state.size);
  auto& room = active_room(state);
  if (room.items() == 0) return ask_for_older(state, room);
  const Walk walk(state, room, layout.messages.width());
  const auto moved = rows < 0 ? walk.up(walk.bottom(), -rows) : walk.down(walk.bottom(), rows);
  const auto at = walk.filling(moved, layout.height());
  hang(room, walk, at);
  ask_for_missing(state, room, walk, at, layout.height());
  if (rows < 0 && walk.rows_to(at, layout.height() + 1) <= layout.height()) ask_for_older(state, room);
  trim(state, room);
}

}  // namespace

void scroll_pages(State& state, int pages) {
  const int page = std::max(1, layout_for(state.size).height() - 1);
  scroll_rows(state, pages * page);
}

void scroll_to_top(State& state) {
  auto& room = active_room(state);
  if (room.items() == 0) return;
  const Walk walk(state, room, layout_for(state.size).messages.width());
  hang(room, walk, {0, walk.rows(0) - 1});
  scroll_rows(state, -1);
}

void scroll_to_bottom(State& state) {
  auto& room = active_room(state);
  room.scroll = {};
  trim(state, room);
}

void scroll_to(State& state, Room& room, std::size_t index) {
  const auto layout = layout_for(state.size);
  if (layout.too_small) return;
  const Walk walk(state, room, layout.messages.width());
  const auto at = walk.filling(walk.down({index, 0}, layout.height() / 2), layout.height());
  hang(room, walk, at);
  ask_for_missing(state, room, walk, at, layout.height());
}

void settle_scroll(State& state, Room& room) {
  const auto layout = layout_for(state.size);
  if (room.scroll.following || room.items() == 0 || layout.too_small) return;
  const Walk walk(state, room, layout.messages.width());
  hang(room, walk, walk.filling(walk.bottom(), layout.height()));
}

std::vector<Run> rows_in_view(const State& state, const Room& room, int width, int height) {
  std::vector<Run> rows;  // from the bottom up
  if (room.items() == 0) return rows;
  const auto bottom = Walk(state, room, width).bottom();
  int skip = bottom.below;
  for (std::size_t i = bottom.index + 1; i-- > 0 && static_cast<int>(rows.size()) < height; skip = 0) {
    auto item = rows_of(state, room, i, width);
    for (auto row = item.rbegin() + skip; row != item.rend() && static_cast<int>(rows.size()) < height; ++row)
      rows.push_back(std::move(*row));
  }
  std::reverse(rows.begin(), rows.end());
  return rows;
}

}  // namespace hubbub::tui
