// Which signals a program may ask to be poked by, and as what people write them.
//   "RTMIN+8", "SIGUSR1", "usr1", "10" --parse_signal--> 42, 10, 10, 10
#pragma once

#include <string>
#include <string_view>

#include "proto/status.hpp"

namespace hubbub::agent {

/// SIGUSR1, SIGUSR2, SIGWINCH and the real-time signals: those that mean what their receiver likes. Fails with
/// invalid_argument and a sentence that says which there are. Numbers are this machine's; RTMIN is the C library's
/// SIGRTMIN, as programs count from it.
Result<int> parse_signal(std::string_view text);
Result<void> check_signal(int number);

/// "SIGUSR1", "SIGRTMIN+8".
std::string show_signal(int number);

}  // namespace hubbub::agent
