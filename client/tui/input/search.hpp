// Ctrl+R: looks for what was sent before while its beginning, middle or end is being typed, as readline does it.
//   Ctrl+R --> [ typing narrows, Ctrl+R older, Ctrl+S newer ] --> the line that was found, to be sent or edited
#pragma once

#include <cstdint>
#include <string>

#include "client/tui/input/input_line.hpp"
#include "client/tui/input/key.hpp"

namespace hubbub::tui {

struct State;

/// A search that is under way, until a key ends it.
struct Search {
  std::string text;      ///< what is looked for
  std::uint64_t at = 0;  ///< the line that is shown, by its number in the history; its end: none yet
  InputLine before;      ///< what was being typed; Ctrl+G brings it back
};

/// REQUIRES: none is under way.
void begin_search(State& state);

/// Gives the key to the search that is under way. False if that ended the search, and the key has still to do its own
/// work.
bool press_in_search(State& state, const Key& key);

}  // namespace hubbub::tui
