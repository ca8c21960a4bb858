// How far the person has read each room: the hub keeps it as a cursor, for all sessions of the person together.
//   joined, read elsewhere --learn_cursor--> Room::read --> unread counts, unread line
//   shown to its end --read_what_is_shown--> Room::read --tell_cursors--> SetCursor
// Pure.
#pragma once

#include <vector>

#include "client/tui/state/state.hpp"

namespace hubbub::tui {

/// A room's cursor is told at most this often.
inline constexpr std::uint64_t cursor_told_every_ns = 500'000'000;

/// The hub says that the room is read up to there. Never moves back.
void learn_cursor(State& state, Room& room, Seq seq);
/// Counts anew what is unread: messages of others, and whatever isn't here yet.
void recount_unread(const State& state, Room& room);
/// A message that has just come: counts it, unless a page had brought it before (`is_new`), and rings for a mention
/// that isn't shown in the view.
void count_if_unread(State& state, Room& room, const Entry& entry, bool is_new, bool is_shown);
/// The room or thread in view is read as far as it goes, unless the view is scrolled back.
void read_what_is_shown(State& state);
/// Fetches what is missing up to the unread line, page by page and not without end.
void fetch_to_unread(State& state, Room& room);
/// Fetches what is missing after the first message of the open thread: the same.
void fetch_thread(State& state, Room& room);

/// Tells the hub how far was read since the last time, as often as it may be told.
void tell_cursors(State& state);
/// The same at once, since the room will be gone.
void tell_cursor_now(State& state, Room& room);
/// What the hub hasn't heard of yet.
std::vector<SetCursor> untold_cursors(const State& state);

}  // namespace hubbub::tui
