#include "client/tui/state/reading.hpp"

#include <algorithm>

#include "proto/limits.hpp"

namespace hubbub::tui {

namespace {

/// About as many messages as a room keeps in memory.
constexpr int pages_to_unread_max = 8;
static_assert(pages_to_unread_max * limits::history_page_messages_max <= Room::entries_max);

bool in_view(const State& state, const Room& room) { return &room == &active_room(state); }

bool is_untold(const Room& room) {
  return room.joined && room.read && room.read->life == room.life && room.read->seq > room.told.seq;
}

// Messages that nobody has read and that aren't here: those up to the oldest that is, and those in holes.
std::size_t missing_unread(const Room& room) {
  const auto read = room.read->life == room.life ? room.read->seq : Seq{};
  std::size_t in_holes = 0;
  for (const auto& hole : room.holes)
    if (hole.last > read) in_holes += hole.last.value - std::max(hole.first.previous(), read).value;
  const auto gone = room.first.value > 0 ? room.first.previous() : Seq{};
  const auto known = std::max(read, gone);
  const auto oldest = room.oldest();
  const auto end = oldest.value > 0 ? oldest.previous() : room.last;
  return in_holes + (end > known ? end.value - known.value : 0);
}

void ask_to_set(State& state, Room& room) {
  room.told.asking = true;
  room.told.asked_at = state.now;
  effect(state, SetCursor{room.name, room.read->seq, room.life});
}

bool may_be_told(const State& state, const Room& room) {
  const auto& asked_at = room.told.asked_at;
  return !room.told.asking && (state.now < asked_at || state.now.ns - asked_at.ns >= cursor_told_every_ns);
}

}  // namespace

void learn_cursor(State& state, Room& room, Seq seq) {
  const Position told{room.life, seq};
  const bool is_first = !room.read;
  room.told.seq = std::max(room.told.seq, seq);
  if (is_first || told > *room.read) room.read = told;
  recount_unread(state, room);
  if (is_first && in_view(state, room) && room.unread > 0) room.line = told;
}

void recount_unread(const State& state, Room& room) {
  if (!room.read) return;
  room.mentions = 0;
  room.unread = missing_unread(room);
  for (auto entry = room.entries.rbegin(); entry != room.entries.rend(); ++entry) {
    if (entry->life < room.read->life) break;
    if (!entry->is_numbered() || entry->from == state.self.str()) continue;
    if (!room.is_unread(entry->position())) break;
    ++room.unread;
    if (entry->mention) ++room.mentions;
  }
}

void count_if_unread(State& state, Room& room, const Entry& entry) {
  if (entry.from == state.self.str() || !room.is_unread({room.life, entry.seq})) return;
  if (!room.has(entry.seq)) {  // else it was counted with the page that brought it
    ++room.unread;
    if (entry.mention) ++room.mentions;
  }
  if (entry.mention && state.config.bell && !in_view(state, room)) effect(state, Ring{});
}

void read_what_is_shown(State& state) {
  auto& room = active_room(state);
  const auto newest = room.newest_position();
  if (!room.scroll.following || !newest) return;
  room.unread = room.mentions = 0;
  if (room.read) room.read = std::max(*room.read, *newest);
}

void fetch_to_unread(State& state, Room& room) {
  const auto& from = room.line ? room.line : room.read;
  const auto oldest = room.oldest();
  if (!from || room.history_asked || room.history_complete || oldest.value == 0) return;
  if (Position{room.life, oldest} <= *from || room.pages_to_unread >= pages_to_unread_max) return;
  ++room.pages_to_unread;
  room.history_asked = true;
  effect(state, AskHistory{room.name, oldest, room.life, limits::history_page_messages_max});
}

void tell_cursors(State& state) {
  if (!std::holds_alternative<Connected>(state.connection)) return;
  for (auto& room : state.rooms)
    if (is_untold(room) && may_be_told(state, room)) ask_to_set(state, room);
}

void tell_cursor_now(State& state, Room& room) {
  if (is_untold(room)) ask_to_set(state, room);
}

std::vector<SetCursor> untold_cursors(const State& state) {
  std::vector<SetCursor> untold;
  for (const auto& room : state.rooms)
    if (is_untold(room)) untold.push_back({room.name, room.read->seq, room.life});
  return untold;
}

}  // namespace hubbub::tui
