// What a search has found, as a list to choose from.
//   /search WORDS --> [ Up, Down, PageUp … choose; Enter or 1 to 9 goes there ] --> the room, at that message
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "client/tui/input/key.hpp"
#include "client/tui/state/entry.hpp"
#include "proto/text.hpp"

namespace hubbub::tui {

struct State;
struct Room;

/// Messages in the list: more than that are searched for with more words.
inline constexpr std::size_t found_max = 100;

struct FoundMessage {
  RoomName room;
  Entry entry;  ///< its seq; its id is none of the room's
};

struct Found {
  std::string words;
  std::vector<FoundMessage> hits;  ///< the newest first; at least one
  std::size_t chosen = 0;
  bool more = false;            ///< than these
  std::uint64_t unindexed = 0;  ///< messages in which nothing can be found yet
};

/// Puts the list in the place of the messages.
void show_found(State& state, Found found);

/// Gives the key to the list. False if that ended it, and the key has still to do its own work.
bool press_in_found(State& state, const Key& key);

/// Moves the view of the room to that message, if the room has it here; to the thread that it is folded into.
void look_at(State& state, Room& room, Seq seq);

/// "; 3 messages aren't indexed yet", or nothing.
std::string unindexed_text(std::uint64_t count);

}  // namespace hubbub::tui
