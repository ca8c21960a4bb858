// What this terminal understands, out of ncurses' terminfo (terminfo.hpp).
//
// Of ncurses we use the terminal's description and not its windows: ncurses puts at most five code points into a cell
// and believes wcwidth() of each, so that an emoji of several would shift whatever follows. paint() places every
// cluster that terminals disagree about by itself.
#pragma once

#include <map>
#include <string>

#include "client/tui/input/key.hpp"
#include "client/tui/screen.hpp"
#include "proto/status.hpp"

namespace hubbub::tui {

/// Sequences, ready to be written; those with a % still want their parameters (see move_to and colour).
struct Capabilities {
  std::string move;  ///< to a row and a column
  std::string clear;
  std::string reset;  ///< all attributes off
  std::string bold, dim, reverse;
  std::string foreground;
  std::string hide_cursor, show_cursor;
  std::string bell;
  std::string begin;  ///< the terminal is ours: other screen, keypad, no wrapping at the edge, bracketed paste
  std::string end;    ///< and all of that undone
  bool can_stop_wrapping = false;
  int colours = 0;
  Size size;  ///< where the kernel doesn't know it
  std::map<std::string, Key> keys;
};

/// Of the terminal type `term`. Fails with failed_precondition and what to do about it.
Result<Capabilities> capabilities_of(const std::string& term);

std::string move_to(const Capabilities& terminal, Place place);
/// `number` of the palette; one of its first eight where there are no more.
std::string foreground(const Capabilities& terminal, int number);

}  // namespace hubbub::tui
