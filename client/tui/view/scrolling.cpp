#include "client/tui/view/scrolling.hpp"

#include <algorithm>
#include <iterator>
#include <utility>

#include "client/tui/state/reading.hpp"
#include "client/tui/state/threads.hpp"
#include "client/tui/view/layout.hpp"
#include "client/tui/view/message_rows.hpp"

namespace hubbub::tui {

namespace {

constexpr int pages_to_fill_max = 8;
static_assert(pages_to_fill_max * history_page <= Room::entries_max);

// The row at the bottom of the view: `below` rows before the end of what is at place `at`.
struct Bottom {
  std::size_t at = 0;
  int below = 0;
};

class Walk {
 public:
  Walk(const State& state, const Room& room, int width) : state_(state), room_(room), width_(width), shown_(room) {}

  [[nodiscard]] const Shown& shown() const { return shown_; }
  [[nodiscard]] std::vector<Run> rows_at(std::size_t at) const { return rows_of(state_, room_, shown_, at, width_); }
  [[nodiscard]] int rows(std::size_t at) const { return static_cast<int>(rows_at(at).size()); }
  [[nodiscard]] Bottom newest() const { return {shown_.size() - 1, 0}; }

  /// Where the view hangs; the oldest item where the one that it hung on is gone, the nearest above where that isn't
  /// shown any more.
  [[nodiscard]] Bottom bottom() const {
    const auto& scroll = room_.view();
    if (scroll.following) return newest();
    const auto at = shown_.place(room_.find(scroll.bottom).value_or(0));
    return {at, std::min(scroll.rows_below, rows(at) - 1)};
  }

  /// As far up as there are rows, at most to what comes after a hole.
  [[nodiscard]] Bottom up(Bottom bottom, int count) const {
    bottom.below += count;
    for (int here = rows(bottom.at); bottom.below >= here; here = rows(bottom.at)) {
      if (bottom.at == 0 || shown_.hole_before(bottom.at) != nullptr) return {bottom.at, here - 1};
      bottom.below -= here;
      --bottom.at;
    }
    return bottom;
  }
  /// As far down as there are rows, at most to what comes before a hole.
  [[nodiscard]] Bottom down(Bottom bottom, int count) const {
    bottom.below -= count;
    while (bottom.below < 0) {
      if (bottom.at + 1 >= shown_.size()) return newest();
      if (shown_.hole_before(bottom.at + 1) != nullptr) return {bottom.at, 0};
      bottom.below += rows(++bottom.at);
    }
    return bottom;
  }
  /// Rows from the oldest to that one, or `enough` if there are as many.
  [[nodiscard]] int rows_to(Bottom bottom, int enough) const {
    int sum = rows(bottom.at) - bottom.below;
    while (sum < enough && bottom.at > 0) sum += rows(--bottom.at);
    return std::min(sum, enough);
  }
  /// The same place, or lower if a view of that height would have rows above the oldest.
  [[nodiscard]] Bottom filling(Bottom bottom, int height) const {
    const int filled = rows_to(bottom, height);
    return filled < height ? down(bottom, height - filled) : bottom;
  }

 private:
  const State& state_;
  const Room& room_;
  int width_;
  Shown shown_;
};

void hang(Room& room, const Walk& walk, Bottom bottom) {
  const auto newest = walk.newest();
  auto& scroll = room.view();
  if (bottom.at == newest.at && bottom.below == newest.below) {
    scroll = {};
  } else {
    if (std::exchange(scroll.following, false) && !room.entries.empty()) scroll.newest_seen = room.entries.back().id;
    scroll.bottom = walk.shown().item(bottom.at).id;
    scroll.rows_below = bottom.below;
  }
}

void ask_for_older(State& state, Room& room) {
  if (room.history_asked || room.history_complete || is_home(room) || room.thread) return;
  room.history_asked = true;
  effect(state, AskHistory{room.name, room.oldest(), room.life});
}

// What is missing next to what is in view: at its lower end from there on, elsewhere up to what comes after it. Answers
// may be missing wherever something is.
void ask_for_missing(State& state, Room& room, const Walk& walk, Bottom bottom, int height) {
  if (room.history_asked || room.holes.empty()) return;
  if (room.thread) {
    room.thread->pages = 0;
    return fetch_thread(state, room);
  }
  const auto ask = [&](Seq before) {
    room.history_asked = true;
    effect(state, AskHistory{room.name, before, room.life});
  };
  const auto& shown = walk.shown();
  if (const auto* hole = shown.hole_before(bottom.at + 1))
    return ask(std::min(hole->last.next(), Seq{hole->first.value + history_page}));
  for (int rows = walk.rows(bottom.at) - bottom.below;; rows += walk.rows(--bottom.at)) {
    if (const auto* hole = shown.hole_before(bottom.at)) return ask(hole->last.next());
    if (rows >= height || bottom.at == 0) return;
  }
}

// Moves by rows (up is negative), fills the view from its top, and asks for more once the oldest row is in view.
void scroll_rows(State& state, int rows) {
  const auto layout = layout_for(state.size);
  auto& room = active_room(state);
  const Walk walk(state, room, layout.messages.width());
  if (walk.shown().size() == 0) return ask_for_older(state, room);
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
  const Walk walk(state, room, layout_for(state.size).messages.width());
  if (walk.shown().size() == 0) return;
  hang(room, walk, {0, walk.rows(0) - 1});
  scroll_rows(state, -1);
}

void scroll_to_bottom(State& state) {
  auto& room = active_room(state);
  room.view() = {};
  trim(state, room);
}

void scroll_to(State& state, Room& room, std::size_t index) {
  const auto layout = layout_for(state.size);
  if (layout.too_small) return;
  const Walk walk(state, room, layout.messages.width());
  if (walk.shown().size() == 0) return;
  const auto place = Bottom{walk.shown().place(index), 0};
  const auto at = walk.filling(walk.down(place, layout.height() / 2), layout.height());
  hang(room, walk, at);
  ask_for_missing(state, room, walk, at, layout.height());
}

void bring_into_view(State& state, Room& room, std::size_t index) {
  const auto layout = layout_for(state.size);
  const Walk walk(state, room, layout.messages.width());
  const auto place = walk.shown().place(index);
  auto bottom = walk.bottom();
  int rows = walk.rows(bottom.at) - bottom.below;
  for (; bottom.at > place && rows <= layout.height(); rows += walk.rows(--bottom.at)) {
  }
  if (bottom.at != place || rows > layout.height() || (place == walk.bottom().at && bottom.below > 0))
    scroll_to(state, room, index);
  if (place == 0) ask_for_older(state, room);
}

void settle_scroll(State& state, Room& room) {
  const auto layout = layout_for(state.size);
  if (room.view().following || layout.too_small) return;
  const Walk walk(state, room, layout.messages.width());
  if (walk.shown().size() > 0) hang(room, walk, walk.filling(walk.bottom(), layout.height()));
}

void fill_view(State& state, Room& room) {
  const auto layout = layout_for(state.size);
  const bool can_ask = !room.history_asked && !room.history_complete && !is_home(room) && !room.thread;
  if (layout.too_small || !can_ask || room.oldest() == Seq{} || room.pages_to_fill >= pages_to_fill_max) return;
  const Walk walk(state, room, layout.messages.width());
  const bool is_full = walk.shown().size() > 0 && walk.rows_to(walk.newest(), layout.height()) >= layout.height();
  if (is_full) return;
  ++room.pages_to_fill;
  ask_for_older(state, room);
}

std::vector<Run> rows_in_view(const State& state, const Room& room, int width, int height) {
  std::vector<Run> rows;  // from the bottom up
  const Walk walk(state, room, width);
  if (walk.shown().size() == 0) return rows;
  const auto bottom = walk.bottom();
  int skip = bottom.below;
  for (std::size_t at = bottom.at + 1; at-- > 0 && static_cast<int>(rows.size()) < height; skip = 0) {
    auto item = walk.rows_at(at);
    for (auto row = item.rbegin() + skip; row != item.rend() && static_cast<int>(rows.size()) < height; ++row)
      rows.push_back(std::move(*row));
  }
  std::reverse(rows.begin(), rows.end());
  return rows;
}

}  // namespace hubbub::tui
