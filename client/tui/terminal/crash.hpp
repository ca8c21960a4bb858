// Gives the terminal back when the program crashes. The one signal handler of the client: it only writes bytes that
// were prepared and sets a mode that was saved (both allowed in a handler, signal-safety(7)), then lets the signal
// kill.
#pragma once

#include <termios.h>

#include <string_view>

namespace hubbub::tui {

/// From now on until forget_crash(). `bytes` are copied; at most crash_bytes_max of them.
void give_back_on_crash(int input, const termios& before, std::string_view bytes);
void forget_crash();

inline constexpr std::size_t crash_bytes_max = 512;

}  // namespace hubbub::tui
