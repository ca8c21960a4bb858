#include "client/tui/input/selecting.hpp"

#include <algorithm>
#include <cctype>
#include <optional>
#include <string>
#include <vector>

#include "client/tui/input/threading.hpp"
#include "client/tui/state/threads.hpp"
#include "client/tui/view/layout.hpp"
#include "client/tui/view/scrolling.hpp"

namespace hubbub::tui {

namespace {

/// What can be answered: the messages of the view that have a number which counts. As indexes of the room.
std::vector<std::size_t> choices(const Room& room) {
  std::vector<std::size_t> list;
  const Shown shown(room);
  for (std::size_t at = 0; at < shown.size(); ++at)
    if (shown.item(at).is_numbered() && shown.item(at).life == room.life) list.push_back(shown.index(at));
  return list;
}

void end_selecting(State& state) {
  state.selecting.reset();
  state.hint.clear();
}

void choose(State& state, std::size_t index) {
  auto& room = active_room(state);
  const auto& entry = room.item(index);
  state.selecting = Selecting{entry.id};
  state.hint = std::to_string(entry.seq.value) + ": Enter replies, t opens its thread, Esc gives up";
  bring_into_view(state, room, index);
}

void step(State& state, std::ptrdiff_t by) {
  auto& room = active_room(state);
  const auto list = choices(room);
  if (list.empty()) return end_selecting(state);
  const auto chosen = room.find(state.selecting->chosen).value_or(list.back());
  const auto behind = std::ranges::upper_bound(list, chosen) - list.begin();
  const auto last = static_cast<std::ptrdiff_t>(list.size()) - 1;
  choose(state, list[static_cast<std::size_t>(std::clamp(behind - 1 + by, std::ptrdiff_t{0}, last))]);
}

/// Without the "/reply 42 " of an earlier pick.
std::string_view without_command(std::string_view line) {
  constexpr std::string_view command = "/reply ";
  if (!line.starts_with(command)) return line;
  const auto rest = line.substr(command.size());
  const auto digits = std::ranges::find_if_not(rest, [](unsigned char c) { return std::isdigit(c) != 0; });
  const auto text = rest.substr(static_cast<std::size_t>(digits - rest.begin()));
  return text.substr(std::min(text.size(), text.find_first_not_of(' ')));
}

std::optional<Seq> chosen_seq(const State& state) {
  const auto& room = active_room(state);
  const auto index = room.find(state.selecting->chosen);
  return index ? std::optional(room.item(*index).seq) : std::nullopt;
}

void answer(State& state) {
  const auto seq = chosen_seq(state);
  end_selecting(state);
  auto& input = active_room(state).input;
  if (seq) input.assign("/reply " + std::to_string(seq->value) + " " + std::string(without_command(input.text())));
}

void open_thread(State& state) {
  const auto seq = chosen_seq(state);
  end_selecting(state);
  if (seq) show_thread(state, active_room(state), *seq);
}

std::ptrdiff_t step_of(const State& state, const Key& key) {
  const auto page = std::max(1, layout_for(state.size).height() / 2);
  constexpr std::ptrdiff_t far = Room::entries_max_in_view;
  if (key == Key::of(KeyCode::up) || key == Key::control('p') || key == Key::meta('r')) return -1;
  if (key == Key::of(KeyCode::down) || key == Key::control('n')) return 1;
  if (key == Key::of(KeyCode::page_up)) return -page;
  if (key == Key::of(KeyCode::page_down)) return page;
  if (key == Key::of(KeyCode::home)) return -far;
  if (key == Key::of(KeyCode::end)) return far;
  return 0;
}

}  // namespace

void begin_selecting(State& state) {
  const auto& room = active_room(state);
  const auto list = choices(room);
  if (list.empty()) {
    state.hint = "nothing here to answer";
    return;
  }
  const auto bottom = room.view().following ? std::nullopt : room.find(room.view().bottom);
  const auto behind = bottom ? std::ranges::upper_bound(list, *bottom) : list.end();
  choose(state, behind == list.begin() ? list.front() : *(behind - 1));
}

bool press_in_selecting(State& state, const Key& key) {
  if (key.code == KeyCode::unknown) return true;
  if (const auto by = step_of(state, key); by != 0) {
    step(state, by);
  } else if (key == Key::of(KeyCode::enter)) {
    answer(state);
  } else if (key == Key::typed("t")) {
    open_thread(state);
  } else {
    end_selecting(state);
    return key == Key::of(KeyCode::escape) || key == Key::control('g') || key == Key::control('c');
  }
  return true;
}

}  // namespace hubbub::tui
