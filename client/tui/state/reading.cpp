#include "client/tui/state/reading.hpp"

#include <algorithm>

#include "client/tui/state/threads.hpp"
#include "proto/limits.hpp"

namespace hubbub::tui {

namespace {

/// About as many messages as a room keeps in memory.
constexpr int pages_to_unread_max = 8;
static_assert(pages_to_unread_max * limits::history_page_messages_max <= Room::entries_max);

/// Half of what is kept in memory while somebody looks back.
constexpr int pages_to_answers_max = 20;
static_assert(pages_to_answers_max * limits::history_page_messages_max <= Room::entries_max_in_view);

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

bool was_looked_at(const Room& room, const Threads& threads, std::size_t index) {
  const auto root = threads.root_of(index);
  if (!root) return false;
  const auto read = room.answers_read.find(position_of(room, *root));
  return read != room.answers_read.end() && room.item(index).seq <= read->second;
}

void read_thread(Room& room) {
  if (!room.thread->scroll.following) return;
  const Shown shown(room);
  auto& read = room.answers_read[room.thread->root];
  for (std::size_t at = 0; at < shown.size(); ++at) read = std::max(read, shown.item(at).seq);
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
  if (!room.answers_new_from) room.answers_new_from = told;
  recount_unread(state, room);
  if (is_first && in_view(state, room) && room.unread > 0) room.line = told;
}

void recount_unread(const State& state, Room& room) {
  if (!room.read) return;
  room.mentions = 0;
  room.unread = missing_unread(room);
  std::optional<Threads> threads;
  for (std::size_t i = room.entries.size(); i-- > 0;) {
    const auto& entry = room.entries[i];
    if (entry.life < room.read->life) break;
    if (!entry.is_numbered() || entry.from == state.self.str()) continue;
    if (!room.is_unread(entry.position())) break;
    if (entry.standing != link::Standing::shown) continue;
    if (entry.reply && !threads) threads.emplace(room);
    if (entry.reply && was_looked_at(room, *threads, i)) continue;
    ++room.unread;
    if (entry.mention) ++room.mentions;
  }
}

void count_if_unread(State& state, Room& room, const Entry& entry, bool is_new, bool is_shown) {
  const bool is_news = entry.standing == link::Standing::shown && entry.from != state.self.str();
  if (!is_news || !room.is_unread({room.life, entry.seq})) return;
  if (is_new && !(is_shown && room.thread)) {
    ++room.unread;
    if (entry.mention) ++room.mentions;
  }
  if (entry.mention && state.config.bell && !is_shown) effect(state, Ring{});
}

void read_what_is_shown(State& state) {
  auto& room = active_room(state);
  if (room.thread) return read_thread(room);
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

void fetch_thread(State& state, Room& room) {
  if (!room.thread || room.history_asked || room.thread->root.life != room.life) return;
  if (room.thread->pages >= pages_to_answers_max) return;
  const auto& root = room.thread->root.seq;
  const auto newest = std::ranges::max_element(room.holes, {}, &Hole::last);
  if (newest == room.holes.end() || newest->last < root) return;
  ++room.thread->pages;
  room.history_asked = true;
  effect(state, AskHistory{room.name, newest->last.next(), room.life, limits::history_page_messages_max});
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
