// What the link tells: messages, and how the connection is.
#include <algorithm>
#include <chrono>
#include <utility>

#include "client/json/content_type.hpp"
#include "client/json/pretty.hpp"
#include "client/tui/apply/handlers.hpp"
#include "client/tui/commands/commands.hpp"
#include "client/tui/state/amending.hpp"
#include "client/tui/state/reading.hpp"
#include "client/tui/state/threads.hpp"
#include "common/mention.hpp"

namespace hubbub::tui {

namespace {

// A message of our own may come before its acknowledgement, or be acknowledged without its seq. Then it moves from
// where it waits to where the room has it. One that is `known` was acknowledged for certain: what waits may say the
// same and be another.
void take_twin(const State& state, Room& room, Entry& entry, bool known) {
  if (entry.from != state.self.str() || room.unsent.empty()) return;
  const auto& first = room.unsent.front();
  if (first.text != entry.text || first.bytes_left_out != entry.bytes_left_out || first.kind != entry.kind ||
      first.reply != entry.reply)
    return;
  if (known && first.fate != Fate::told) return;
  entry.id = first.id;
  room.unsent.pop_front();
}

// Among what is scrolled through where somebody looks at the room.
bool has_its_place_in_view(const Room& room, Seq seq) {
  const Shown shown(room);
  for (std::size_t at = shown.size(); at-- > 0;)
    if (shown.item(at).seq == seq && position_of(room, shown.index(at)).life == room.life) return true;
  return false;
}

// A direct conversation begins by itself when somebody says something in it; other rooms only when they are joined.
Room* receiver(State& state, const RoomName& name) {
  auto* room = find_room(state, name);
  if (room != nullptr || !is_direct(name)) return room;
  std::erase(state.put_away, name);
  room = &room_of(state, name);
  open_room(state, *room);
  return room;
}

bool is_put_away(const State& state, const RoomName& name) {
  return std::find(state.put_away.begin(), state.put_away.end(), name) != state.put_away.end();
}

void tell(State& state, Room& room, const std::string& text, EntryKind kind) {
  if (!is_home(room) || state.rooms.size() == 1) note(state, room, text, kind);
}

void tell_everywhere(State& state, const std::string& text, EntryKind kind) {
  for (auto& room : state.rooms) tell(state, room, text, kind);
}

// The hub was restarted. To a durable room nothing has happened, if its data are still the same.
void come_back(State& state, Room& room, bool same_data) {
  room.joined = false;
  if (same_data && room.durable) return tell(state, room, "back", EntryKind::note);
  room.settle_acknowledged();
  room.begin_new_life();
  tell(state, room, "back; the hub was started anew and may have forgotten what was said before", EntryKind::note);
}

}  // namespace

Entry entry_of(const link::Message& message) {
  Entry entry;
  entry.kind = entry_kind(message.kind);
  entry.seq = message.seq;
  entry.time = message.time;
  entry.from = message.from.str();
  entry.verified = message.verified;
  entry.via = link::via(message);
  entry.reply = link::reply_of(message);
  put_text(entry, message.body);
  entry.is_json = json::is_json(message.headers) && json::check_json(message.body);
  entry.subject = link::subject_of(message);
  return entry;
}

Entry entry_of(State& state, const Room& room, const link::Message& message) {
  auto entry = entry_of(message);
  entry.id = next_id(state);
  const bool other = message.from != state.self;
  const bool to_people = entry.kind == EntryKind::text || entry.kind == EntryKind::action;
  entry.mention = other && to_people && (is_direct(room.name) || mentions(message.body, state.self.str()));
  return entry;
}

void on(State& state, const link::Message& message) {
  auto* room = receiver(state, message.room);
  if (room == nullptr || message.retained) return;
  auto entry = entry_of(state, *room, message);
  const bool known = room->has(entry.seq);  // by a page of history, or by its acknowledgement
  take_twin(state, *room, entry, known);
  room->typing.erase(entry.from);
  room->spoke(entry.from);
  take_amendments(state, *room, {message});
  show_as_known(state, *room, entry);
  room->last = std::max(room->last, entry.seq);
  if (!known) room->insert(entry);
  if (!entry.is_shown()) return trim(state, *room);
  const bool is_asked = entry.mention || !room->view().following;  // by nobody in a flood that the view follows
  const bool in_view = room->thread || (entry.reply && is_asked) ? has_its_place_in_view(*room, entry.seq) : true;
  if (in_view && !room->view().following && entry.from != state.self.str()) ++room->view().new_below;
  count_if_unread(state, *room, entry, !known, in_view && room == &active_room(state));
  trim(state, *room);
}

void on(State& state, const link::Gap& gap) {
  auto* room = find_room(state, gap.room);
  if (room == nullptr) return;
  room->settle_acknowledged();
  const auto count = gap.last.value - gap.first.value + 1;
  note(state, *room,
       std::to_string(count) + (count == 1 ? " message is" : " messages are") +
           " missing here: the hub no longer has what was said in between",
       EntryKind::trouble);
}

void on(State& state, const link::RoomAttached& attached) {
  if (is_put_away(state, attached.room) && find_room(state, attached.room) == nullptr) return;
  auto* room = receiver(state, attached.room);
  if (room == nullptr) return;
  room->durable = attached.durable;
  if (attached.last < room->newest()) room->begin_new_life();
  room->last = std::max(room->last, attached.last);
}

void on(State& state, const link::Online& online) {
  state.connection = Connected{};
  state.self = online.welcome.name;
  state.verified = online.welcome.verified;
  if (online.new_life) {
    for (auto& room : state.rooms) come_back(state, room, online.same_data);
    if (!state.away.empty()) effect(state, SetAway{state.away});
  } else if (state.was_online) {
    tell_everywhere(state, "back", EntryKind::note);
  }
  if (!std::exchange(state.hears_direct, true)) effect(state, HearDirect{});
  state.was_online = true;
  effect(state, AskRooms{Pattern::literal(">"), true});
  for (auto& room : state.rooms) {
    if (is_home(room)) continue;
    for (auto& entry : room.unsent) sign(state, entry);  // typed before it was known who types here
    open_room(state, room);
  }
}

void on(State& state, const link::Offline& offline) {
  const auto wait = std::chrono::nanoseconds(offline.retry_in).count();
  if (std::holds_alternative<Connected>(state.connection)) {
    tell_everywhere(state, "the connection is lost: " + offline.why.sentence, EntryKind::trouble);
    for (auto& room : state.rooms) room.typing.clear();
  }
  state.connection = Waiting{offline.why.sentence, WallTime{state.now.ns + static_cast<std::uint64_t>(wait)}};
}

void on(State& state, const link::Closed& closed) {
  state.connection = Ended{closed.why};
  tell_everywhere(state, "the connection has ended: " + closed.why.sentence, EntryKind::trouble);
}

}  // namespace hubbub::tui
