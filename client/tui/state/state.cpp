#include "client/tui/state/state.hpp"

#include <algorithm>
#include <utility>

namespace hubbub::tui {

State initial_state(Config config, Size size, WallTime now) {
  State state;
  state.config = std::move(config);
  state.size = size;
  state.now = now;
  state.rooms.emplace_back();
  for (const auto& name : state.config.rooms) room_of(state, name);
  state.active = state.rooms.size() > 1 ? 1 : 0;
  return state;
}

Room* find_room(State& state, const RoomName& name) {
  const auto found =
      std::find_if(state.rooms.begin(), state.rooms.end(), [&](const Room& r) { return r.name == name; });
  return found == state.rooms.end() ? nullptr : &*found;
}

Room& room_of(State& state, const RoomName& name) {
  if (auto* room = find_room(state, name)) return *room;
  auto& room = state.rooms.emplace_back();
  room.name = name;
  return room;
}

void open_room(State& state, Room& room) {
  const bool receive = !room.receiving && !is_direct(room.name);
  room.receiving = true;
  effect(state, OpenRoom{room.name, receive});
}

void show_room(State& state, std::size_t index) {
  if (index == state.active) return;
  active_room(state).line.reset();
  state.active = index;
  auto& room = active_room(state);
  if (room.unread > 0) room.line = room.read;
  state.completion = {};
  state.search.reset();
  state.found.reset();
  state.selecting.reset();
  state.typing_told = {};
}

Room& enter_room(State& state, const RoomName& name, bool show) {
  auto& room = room_of(state, name);
  if (!room.joined) open_room(state, room);
  if (show) show_room(state, static_cast<std::size_t>(&room - state.rooms.data()));
  return room;
}

void drop_room(State& state, const RoomName& name) {
  const auto* found = find_room(state, name);
  if (found == nullptr || is_home(*found)) return;
  const auto index = static_cast<std::size_t>(found - state.rooms.data());
  const auto neighbour = index + 1 < state.rooms.size() ? index + 1 : index - 1;
  if (index == state.active) show_room(state, neighbour);
  state.rooms.erase(state.rooms.begin() + static_cast<std::ptrdiff_t>(index));
  if (state.active > index) --state.active;
}

void trim(const State& state, Room& room) {
  const bool looked_at = &room == &active_room(state) && (room.thread || !room.scroll.following);
  room.trim(looked_at ? Room::entries_max_in_view : Room::entries_max);
}

void note(State& state, Room& room, std::string text, EntryKind kind) {
  Entry entry;
  entry.id = next_id(state);
  entry.kind = kind;
  entry.time = state.now;
  entry.text = std::move(text);
  room.add(std::move(entry));
  trim(state, room);
}

std::vector<Effect> take_effects(State& state) { return std::exchange(state.effects, {}); }

std::size_t unsent_messages(const Room& room) {
  return static_cast<std::size_t>(std::count_if(room.unsent.begin(), room.unsent.end(),
                                                [](const Entry& entry) { return entry.fate == Fate::sending; }));
}

std::size_t unsent_messages(const State& state) {
  std::size_t sum = 0;
  for (const auto& room : state.rooms) sum += unsent_messages(room);
  return sum;
}

}  // namespace hubbub::tui
