// ncurses' terminfo database, behind four functions: its header defines macros by a hundred common words.
#pragma once

#include <string>

namespace hubbub::tui {

/// Loads the description of a terminal type; the others speak of the one loaded last. False: there is none.
bool load_terminfo(const std::string& term);
/// A string capability by its terminfo name, without delays; empty if the terminal hasn't got it.
std::string terminfo_text(const char* name);
/// A number; negative if the terminal hasn't got it.
int terminfo_number(const char* name);
/// A capability with its parameters put in.
std::string with_parameters(const std::string& capability, int first, int second = 0);

}  // namespace hubbub::tui
