// From what the terminal shows to what it should show.
//   paint(last, next) --> bytes
//
// Only differences are written. A cluster about whose width terminals disagree gets its columns blanked, is written,
// and whatever follows it in the row is placed anew and written again: whether the terminal took fewer columns or more,
// nothing shifts. (The same idea as mosh's, which also knows no more of its terminal than this.)
#pragma once

#include <string>

#include "client/tui/screen.hpp"
#include "client/tui/terminal/capabilities.hpp"

namespace hubbub::tui {

/// `last` of another size (or none: Screen{}) means that nothing is known of what the terminal shows.
std::string paint(const Screen& last, const Screen& next, const Capabilities& terminal);

}  // namespace hubbub::tui
