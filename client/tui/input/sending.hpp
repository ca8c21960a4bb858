// From the input line to the room: what Enter does, what a paste becomes, and telling others that somebody types here.
#pragma once

#include <string_view>

#include "client/tui/state/state.hpp"

namespace hubbub::tui {

/// A line with a slash is a command, with two a text that begins with one; everything else is said in the room. A line
/// that can't be sent stays where it is, with a hint that says why.
void send_line(State& state);

/// Longer than what somebody types by hand: Enter asks first, since it may be the wrong clipboard.
inline constexpr std::size_t lines_without_asking_max = 5;
bool asks_before_sending(const State& state);
void ask_before_sending(State& state);

/// Puts a paste into the line as it is, line feeds included, but for the last of them. CR and CR LF become LF.
void paste(InputLine& line, std::string_view text);

/// Sees to it that others hear about the typing, now and then and when it ends.
void tell_typing(State& state);

}  // namespace hubbub::tui
