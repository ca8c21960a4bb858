// Gives the terminal back when the program is killed by a crash or by a signal that nobody expects. The one signal
// handler of the client: it only writes bytes that were prepared and sets a mode that was saved (both allowed in a
// handler, signal-safety(7)), then lets the signal kill.
#pragma once

#include <termios.h>

#include <string_view>

namespace hubbub::tui {

/// How stdin and stdout were found.
struct Before {
  termios mode{};
  int input_flags = 0;
  int output_flags = 0;
};
/// Makes them so again. Safe in a signal handler.
void restore(const Before& before);

/// From now on until forget_crash(). `bytes` are copied; at most crash_bytes_max of them.
void give_back_on_crash(const Before& before, std::string_view bytes);
void forget_crash();

inline constexpr std::size_t crash_bytes_max = 512;

}  // namespace hubbub::tui
