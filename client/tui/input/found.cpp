#include "client/tui/input/found.hpp"

#include <algorithm>
#include <utility>

#include "client/tui/input/threading.hpp"
#include "client/tui/state/state.hpp"
#include "client/tui/state/threads.hpp"
#include "client/tui/view/layout.hpp"
#include "client/tui/view/scrolling.hpp"

namespace hubbub::tui {

namespace {

void tell(State& state) {
  const auto& found = *state.found;
  const auto count = std::to_string(found.hits.size()) + (found.more ? " and more" : "");
  state.hint = count + " found: Enter or 1 to 9 goes there, Esc closes" + unindexed_text(found.unindexed);
}

void close(State& state) {
  state.found.reset();
  state.hint.clear();
}

void choose(State& state, std::ptrdiff_t step) {
  auto& found = *state.found;
  const auto last = static_cast<std::ptrdiff_t>(found.hits.size()) - 1;
  found.chosen =
      static_cast<std::size_t>(std::clamp(static_cast<std::ptrdiff_t>(found.chosen) + step, std::ptrdiff_t{0}, last));
  tell(state);
}

/// The messages around it are asked for where they aren't here: as many after it as before.
void go_to(State& state, std::size_t index) {
  const auto name = state.found->hits[index].room;
  const auto seq = state.found->hits[index].entry.seq;
  close(state);
  auto& room = enter_room(state, name, true);
  if (room.has(seq)) return look_at(state, room, seq);
  effect(state, AskHistory{name, Seq{seq.value + history_page / 2}, room.life, history_page, seq});
}

/// 1 to 9: the place in the list, from 0 on.
std::size_t number_of(const Key& key) {
  if (key.code != KeyCode::text || key.ctrl || key.alt || key.text.size() != 1) return SIZE_MAX;
  return static_cast<unsigned char>(key.text[0]) - std::size_t{'1'};  // anything but a digit is far beyond 9
}

std::ptrdiff_t step_of(const State& state, const Key& key) {
  const auto page = std::max(1, layout_for(state.size).height() - 1);
  if (key == Key::of(KeyCode::up) || key == Key::control('p')) return -1;
  if (key == Key::of(KeyCode::down) || key == Key::control('n')) return 1;
  if (key == Key::of(KeyCode::page_up)) return -page;
  if (key == Key::of(KeyCode::page_down)) return page;
  if (key == Key::of(KeyCode::home)) return -static_cast<std::ptrdiff_t>(found_max);
  if (key == Key::of(KeyCode::end)) return static_cast<std::ptrdiff_t>(found_max);
  return 0;
}

}  // namespace

void show_found(State& state, Found found) {
  state.found = std::move(found);
  tell(state);
}

bool press_in_found(State& state, const Key& key) {
  if (key.code == KeyCode::unknown) return true;
  if (const auto step = step_of(state, key); step != 0) {
    choose(state, step);
  } else if (key == Key::of(KeyCode::enter)) {
    go_to(state, state.found->chosen);
  } else if (const auto number = number_of(key); number < 9) {
    if (number < state.found->hits.size()) go_to(state, number);
  } else {
    close(state);
    return key == Key::of(KeyCode::escape) || key == Key::control('g') || key == Key::control('c');
  }
  return true;
}

void look_at(State& state, Room& room, Seq seq) {
  const auto index = room.find_message(seq);
  if (!index) return trouble(state, room, "the hub no longer has that message");
  room.looked_at = room.entries[*index].id;
  if (Threads(room).root_of(*index)) return show_thread(state, room, seq);
  if (room.thread && room.thread->root != room.entries[*index].position()) close_thread(state, room);
  if (&room == &active_room(state)) scroll_to(state, room, *index);
}

std::string unindexed_text(std::uint64_t count) {
  if (count == 0) return {};
  return "; " + std::to_string(count) + (count == 1 ? " message isn't" : " messages aren't") + " indexed yet";
}

}  // namespace hubbub::tui
