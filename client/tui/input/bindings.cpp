#include "client/tui/input/bindings.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include "client/tui/commands/commands.hpp"
#include "client/tui/input/completion.hpp"
#include "client/tui/input/search.hpp"
#include "client/tui/input/selecting.hpp"
#include "client/tui/input/sending.hpp"
#include "client/tui/input/threading.hpp"
#include "client/tui/view/scrolling.hpp"

namespace hubbub::tui {

namespace {

InputLine& line(State& state) { return active_room(state).input; }

void end_completion(State& state) {
  state.completion = {};
  state.hint.clear();
}

void history_older(State& state) {
  auto& place = active_room(state).history;
  if (auto text = state.history.older(place, line(state).text())) line(state).assign(*std::move(text));
}
void history_newer(State& state) {
  if (auto text = state.history.newer(active_room(state).history)) line(state).assign(*std::move(text));
}

// Ctrl+C empties the line; on an empty line it asks, and the second one leaves.
void interrupt(State& state, Question asked) {
  if (!line(state).empty()) {
    line(state).assign("");
    active_room(state).history = {};
  } else if (asked == Question::interrupt) {
    leave_program(state);
  } else {
    state.question = Question::interrupt;
    state.hint = "Ctrl+C again leaves";
  }
}

// Home and End belong to the line while there is one, and to the messages otherwise.
void home(State& state, bool view) {
  if (view || line(state).empty()) return scroll_to_top(state);
  line(state).home();
}
void end(State& state, bool view) {
  if (view || line(state).empty()) return scroll_to_bottom(state);
  line(state).end();
}

void show_next(State& state, std::size_t step) {
  const auto listed = state.rooms.size() - 1;
  if (listed > 0) show_room(state, (state.active - 1 + step) % listed + 1);
}

// Mentions first, then whatever is unread, in the order of the list after this room.
void show_next_active(State& state) {
  const auto listed = state.rooms.size() - 1;
  for (const bool mentions : {true, false}) {
    for (std::size_t step = 1; step <= listed; ++step) {
      const auto index = (state.active - 1 + step) % listed + 1;
      const auto& room = state.rooms[index];
      if ((mentions ? room.mentions : room.unread) > 0) return show_room(state, index);
    }
  }
}

struct Binding {
  Key key;
  std::string_view shown;
  std::string_view help;
  void (*run)(State&);
};

Key key_of(KeyCode code, bool ctrl = false, bool alt = false, bool shift = false) {
  return {code, {}, ctrl, alt, shift};
}

const std::array table = {
    Binding{key_of(KeyCode::enter), "Enter", "send the line", [](State& s) { send_line(s); }},
    Binding{key_of(KeyCode::enter, false, true), "Alt+Enter", "a new line in the message",
            [](State& s) { line(s).insert("\n"); }},
    Binding{key_of(KeyCode::tab), "Tab", "complete; again: the next candidate", [](State& s) { complete(s, true); }},
    Binding{key_of(KeyCode::tab, false, false, true), "Shift+Tab", "the candidate before",
            [](State& s) { complete(s, false); }},
    Binding{key_of(KeyCode::up), "Up", "what was sent before", history_older},
    Binding{key_of(KeyCode::down), "Down", "what was sent after", history_newer},
    Binding{Key::control('r'), "Ctrl+R", "search what was sent before; again: older", begin_search},
    Binding{Key::meta('r'), "Alt+R", "pick a message to answer, or to see its thread", begin_selecting},
    Binding{key_of(KeyCode::escape), "Esc", "close the thread", [](State& s) { close_thread(s, active_room(s)); }},
    Binding{key_of(KeyCode::page_up), "PageUp", "scroll back, as far as the hub remembers",
            [](State& s) { scroll_pages(s, -1); }},
    Binding{key_of(KeyCode::page_down), "PageDown", "scroll forward", [](State& s) { scroll_pages(s, 1); }},
    Binding{key_of(KeyCode::home), "Home", "the start of the line; of the messages, if it is empty",
            [](State& s) { home(s, false); }},
    Binding{key_of(KeyCode::end), "End", "the end of the line; the newest message, if it is empty",
            [](State& s) { end(s, false); }},
    Binding{key_of(KeyCode::home, false, true), "Alt+Home", "the oldest message here", [](State& s) { home(s, true); }},
    Binding{key_of(KeyCode::end, false, true), "Alt+End", "the newest message", [](State& s) { end(s, true); }},
    Binding{Key::control('n'), "Ctrl+N", "the next room", [](State& s) { show_next(s, 1); }},
    Binding{Key::control('p'), "Ctrl+P", "the room before", [](State& s) { show_next(s, s.rooms.size() - 2); }},
    Binding{Key::meta('a'), "Alt+A", "the next room with something new", show_next_active},
    Binding{Key::control('a'), "Ctrl+A", "the start of the line", [](State& s) { line(s).home(); }},
    Binding{Key::control('e'), "Ctrl+E", "the end of the line", [](State& s) { line(s).end(); }},
    Binding{Key::control('b'), "Ctrl+B", "one character left", [](State& s) { line(s).left(); }},
    Binding{key_of(KeyCode::left), "Left", "", [](State& s) { line(s).left(); }},
    Binding{Key::control('f'), "Ctrl+F", "one character right", [](State& s) { line(s).right(); }},
    Binding{key_of(KeyCode::right), "Right", "", [](State& s) { line(s).right(); }},
    Binding{Key::meta('b'), "Alt+B", "one word left", [](State& s) { line(s).word_left(); }},
    Binding{key_of(KeyCode::left, true), "Ctrl+Left", "", [](State& s) { line(s).word_left(); }},
    Binding{Key::meta('f'), "Alt+F", "one word right", [](State& s) { line(s).word_right(); }},
    Binding{key_of(KeyCode::right, true), "Ctrl+Right", "", [](State& s) { line(s).word_right(); }},
    Binding{Key::control('d'), "Ctrl+D", "delete the character under the cursor",
            [](State& s) { line(s).delete_right(); }},
    Binding{key_of(KeyCode::del), "Delete", "", [](State& s) { line(s).delete_right(); }},
    Binding{Key::control('h'), "Ctrl+H", "delete the character before the cursor",
            [](State& s) { line(s).delete_left(); }},
    Binding{key_of(KeyCode::backspace), "Backspace", "", [](State& s) { line(s).delete_left(); }},
    Binding{Key::control('w'), "Ctrl+W", "cut back to a blank", [](State& s) { line(s).kill_to_blank(s.kill); }},
    Binding{key_of(KeyCode::backspace, false, true), "Alt+Backspace", "cut the word before",
            [](State& s) { line(s).kill_word_left(s.kill); }},
    Binding{Key::meta('d'), "Alt+D", "cut the word after", [](State& s) { line(s).kill_word_right(s.kill); }},
    Binding{Key::control('u'), "Ctrl+U", "cut to the start of the line",
            [](State& s) { line(s).kill_to_start(s.kill); }},
    Binding{Key::control('k'), "Ctrl+K", "cut to the end of the line", [](State& s) { line(s).kill_to_end(s.kill); }},
    Binding{Key::control('y'), "Ctrl+Y", "put in what was cut", [](State& s) { line(s).yank(s.kill); }},
    Binding{Key::control('t'), "Ctrl+T", "swap two characters", [](State& s) { line(s).transpose(); }},
    Binding{Key::control('_'), "Ctrl+_", "undo", [](State& s) { line(s).undo(); }},
    Binding{Key::control('l'), "Ctrl+L", "paint the screen anew", [](State& s) { effect(s, Repaint{}); }},
    Binding{Key::control('z'), "Ctrl+Z", "suspend; fg comes back", [](State& s) { effect(s, Suspend{}); }},
};

// Ctrl+W and its like add up in the kill buffer only when they follow each other.
bool is_cut(const Key& key) {
  if (key.code == KeyCode::backspace) return key.alt;
  if (key.code != KeyCode::text) return false;
  return (key.ctrl && (key.text == "w" || key.text == "u" || key.text == "k")) || (key.alt && key.text == "d");
}

// Alt+1 … Alt+9 and Alt+0 show rooms 1 to 10.
bool show_by_number(State& state, const Key& key) {
  if (key.code != KeyCode::text || !key.alt || key.text.size() != 1 || key.text[0] < '0' || key.text[0] > '9')
    return false;
  const auto index = key.text[0] == '0' ? 10u : static_cast<unsigned>(key.text[0] - '0');
  if (index < state.rooms.size()) show_room(state, index);
  return true;
}

bool run_bound(State& state, const Key& key) {
  const auto bound = std::find_if(table.begin(), table.end(), [&](const Binding& row) { return row.key == key; });
  if (bound == table.end()) return false;
  bound->run(state);
  return true;
}

void type(State& state, const Key& key) {
  if (key.code == KeyCode::paste) paste(line(state), key.text);
  if (key.code == KeyCode::text && !key.ctrl && !key.alt) line(state).insert(key.text);
}

}  // namespace

void press(State& state, const Key& key) {
  if (state.search && press_in_search(state, key)) return;
  if (state.selecting && press_in_selecting(state, key)) return;
  if (state.found && press_in_found(state, key)) return;
  const auto asked = std::exchange(state.question, Question::none);
  const bool completing = key.code == KeyCode::tab;
  if (completing) {
    state.hint.clear();
  } else {
    end_completion(state);
  }
  if (key == Key::control('c')) {
    interrupt(state, asked);
  } else if (key.code == KeyCode::enter && !key.alt && asked != Question::send_many_lines &&
             asks_before_sending(state)) {
    ask_before_sending(state);
  } else if (!show_by_number(state, key) && !run_bound(state, key)) {
    type(state, key);
  }
  state.kill.adding = is_cut(key);
  tell_typing(state);
}

std::vector<std::string> help_with_keys() {
  std::vector<std::string> rows;
  for (const auto& binding : table) {
    if (binding.help.empty()) continue;
    std::string row(binding.shown);
    row.resize(15, ' ');
    rows.push_back(row + std::string(binding.help));
  }
  rows.emplace_back("Alt+1 … Alt+0  rooms 1 to 10");
  rows.emplace_back("Ctrl+C         empty the line; twice on an empty line: leave");
  return rows;
}

}  // namespace hubbub::tui
