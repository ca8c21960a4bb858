#include "client/tui/input/search.hpp"

#include <algorithm>
#include <optional>
#include <utility>

#include "client/tui/state/state.hpp"

namespace hubbub::tui {

namespace {

void show_search(State& state, bool found) {
  state.hint = (found ? "search: " : "nothing like that: ") + state.search->text + "   Ctrl+R older, Ctrl+G gives up";
}

// From what was being typed, so that one undo is enough to come back to that.
void show_found(State& state, std::uint64_t number) {
  auto& input = active_room(state).input;
  input = state.search->before;
  input.assign(state.history.line(number));
  state.search->at = number;
}

void look(State& state, std::optional<std::uint64_t> found) {
  if (found) show_found(state, *found);
  show_search(state, found || state.search->text.empty());
}

// Another text is looked for from the newest line on, or from the line that is shown if it still fits.
void look_anew(State& state, std::uint64_t end) {
  const auto& text = state.search->text;
  if (!text.empty()) return look(state, state.history.find_before(text, end));
  active_room(state).input = state.search->before;
  state.search->at = state.history.end();
  show_search(state, true);
}

void end_search(State& state) {
  auto ended = *std::exchange(state.search, std::nullopt);
  if (ended.at < state.history.end()) active_room(state).history = {ended.at, ended.before.text()};
  state.hint.clear();
}

void give_up(State& state) {
  active_room(state).input = std::move(state.search->before);
  state.search.reset();
  state.hint.clear();
}

}  // namespace

void begin_search(State& state) {
  state.search = Search{{}, state.history.end(), active_room(state).input};
  show_search(state, true);
}

bool press_in_search(State& state, const Key& key) {
  auto& search = *state.search;
  if (key.code == KeyCode::unknown) return true;
  if (key == Key::control('r')) {
    look(state, state.history.find_before(search.text, search.at));
  } else if (key == Key::control('s')) {
    look(state, state.history.find_from(search.text, search.at + 1));
  } else if (key == Key::control('g') || key == Key::control('c')) {
    give_up(state);
  } else if (key == Key::of(KeyCode::backspace) || key == Key::control('h')) {
    InputLine text;
    text.assign(search.text);
    text.delete_left();
    search.text = text.text();
    look_anew(state, state.history.end());
  } else if (key.code == KeyCode::text && !key.ctrl && !key.alt) {
    search.text += key.text;
    look_anew(state, std::min(search.at + 1, state.history.end()));
  } else {
    end_search(state);
    return key.code == KeyCode::escape;
  }
  return true;
}

}  // namespace hubbub::tui
