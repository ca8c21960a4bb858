// Who comes, goes, types, is away, and what rooms are about.
#include <algorithm>

#include "client/tui/apply/handlers.hpp"
#include "client/tui/state/reading.hpp"

namespace hubbub::tui {

namespace {

constexpr std::uint64_t typing_shown_ns = 6'000'000'000;  // twice what typists repeat it in; see tell_typing

using proto::EventKind;

struct Change {
  State& state;
  const proto::Event& event;
  const proto::Person& person;

  [[nodiscard]] std::string who() const { return (person.verified ? "" : "~") + person.name.str(); }
  [[nodiscard]] bool by_me() const { return person.name == state.self; }

  void joined(Room& room) {
    const bool is_new = room.member(person.name.str()) == nullptr;
    room.put_member(person);
    if (is_new && !by_me()) note(state, room, who() + " has joined");
  }

  void left(Room& room) {
    const bool was_here = room.member(person.name.str()) != nullptr;
    room.remove_member(person.name.str());
    if (was_here && !by_me()) note(state, room, who() + " has left");
  }

  void topic(Room& room) {
    room.topic = event.text;
    note(state, room,
         event.text.empty() ? who() + " has taken the topic away" : who() + " has set the topic: " + event.text.str());
  }

  void typing(Room& room) {
    if (by_me()) return;
    if (event.text.str() == "off") {
      room.typing.erase(person.name.str());
    } else {
      room.typing[person.name.str()] = WallTime{state.now.ns + typing_shown_ns};
    }
  }

  void presence(Room& room) {
    const auto* before = room.member(person.name.str());
    if (before == nullptr) return;
    const bool was_here = before->presence != proto::Presence::offline;
    const bool is_here = person.presence != proto::Presence::offline;
    room.put_member(person);
    if (!is_here) room.typing.erase(person.name.str());
    if (was_here != is_here && !by_me()) note(state, room, who() + (is_here ? " is here again" : " has gone offline"));
  }

  // In another session of the person at this terminal.
  void read(Room& room) {
    if (by_me()) learn_cursor(state, room, event.seq);
  }

  void renamed(Room& room) {
    const auto& before = event.text.str();
    if (room.member(before) == nullptr) return;
    const auto known_as = room.signed_name(before);
    room.remove_member(before);
    room.put_member(person);
    std::replace(room.speakers.begin(), room.speakers.end(), before, person.name.str());
    note(state, room, known_as + " is now called " + who());
  }
};

bool changes_members(EventKind kind) {
  return kind == EventKind::joined || kind == EventKind::left || kind == EventKind::presence ||
         kind == EventKind::renamed;
}

void apply_to(Room& room, Change& change) {
  if (changes_members(change.event.kind)) ++room.member_changes;
  switch (change.event.kind) {
    case EventKind::joined: return change.joined(room);
    case EventKind::left: return change.left(room);
    case EventKind::topic: return change.topic(room);
    case EventKind::typing: return change.typing(room);
    case EventKind::read: return change.read(room);
    case EventKind::presence: return change.presence(room);
    case EventKind::renamed: return change.renamed(room);
  }
}

// The conversation goes on under the new name. One that stands there already was with whoever had that name before.
void rename_direct(State& state, const RoomName& from, const RoomName& to) {
  if (find_room(state, from) == nullptr) return;
  bool in_view = false;
  if (const auto* there = find_room(state, to)) {
    in_view = there == &active_room(state);
    auto older = *there;
    drop_room(state, to);
    find_room(state, from)->follow(std::move(older));
  }
  auto* room = find_room(state, from);
  room->name = to;
  room->history_asked = room->told.asking = false;  // what was asked about the old name isn't waited for
  if (in_view) show_room(state, static_cast<std::size_t>(room - state.rooms.data()));
}

}  // namespace

void on(State& state, const link::Presence& presence) {
  Change change{state, presence.event, presence.event.person};
  for (auto& room : state.rooms)
    if (!is_home(room) && (presence.room.empty() || presence.room == room.name)) apply_to(room, change);
  if (presence.event.kind != EventKind::renamed) return;
  const auto before = PersonName::parse(presence.event.text.str());
  if (!before) return;
  rename_direct(state, RoomName::literal('@' + before->str()), RoomName::literal('@' + change.person.name.str()));
  if (*before == state.self) state.self = change.person.name;
}

}  // namespace hubbub::tui
