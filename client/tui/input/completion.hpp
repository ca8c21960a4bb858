// Completion of commands, rooms and names on Tab. Tab again goes to the next candidate, Shift+Tab back.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

namespace hubbub::tui {

struct State;

/// A completion that is under way, until another key ends it.
struct Completion {
  std::vector<std::string> candidates;
  std::size_t chosen = 0;
  std::size_t from = 0;  ///< the bytes of the input line that hold the chosen candidate
  std::size_t to = 0;
};

void complete(State& state, bool forward);

/// What `typed` can become at the end of `before` (the line up to it), in whatever case, the likeliest first. Each with
/// what follows it: ": " after a name that opens a line, else a blank.
std::vector<std::string> candidates_for(const State& state, std::string_view before, std::string_view typed);

}  // namespace hubbub::tui
