// Picking a message of the view, to answer it.
//   Alt+R, /reply --> [ Up, Down … pick; all show their numbers ] --Enter--> "/reply 42 " before what is being typed
//                                                               --t------> its thread
#pragma once

#include "client/tui/input/key.hpp"
#include "client/tui/state/entry.hpp"

namespace hubbub::tui {

struct State;

struct Selecting {
  EntryId chosen;
};

/// With the newest message in view; again: the one before.
void begin_selecting(State& state);

/// Gives the key to the selection. False if that ended it, and the key has still to do its own work.
bool press_in_selecting(State& state, const Key& key);

}  // namespace hubbub::tui
