// What later messages mean for those of a room that are here.
//   message --take--> Room::amendments --views--> entries: their text, marks and reactions, and whether they are shown
// Pure.
#pragma once

#include <vector>

#include "client/tui/state/state.hpp"

namespace hubbub::tui {

/// How the entry is shown, out of what is known of its room. REQUIRES: it is of the room's life.
void show_as_known(const State& state, Room& room, Entry& entry);

/// Learns what the message means for others, and shows these so.
void take_amendments(State& state, Room& room, const std::vector<link::Message>& messages);

/// What has expired by now isn't shown any more.
void expire(State& state, Room& room);

/// "(redacted by ~bob: spam)"
std::string redacted_text(const link::View& view);
std::string shown_name(const link::By& by);

}  // namespace hubbub::tui
