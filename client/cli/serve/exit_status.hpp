// What a command's end says about the call that it has run: exit_codes.hpp the other way round, so that a service which
// calls another by `hubbub call` hands its refusal on.
//   wait status, last line of stderr --> status, sentence
// Pure.
#pragma once

#include <string>
#include <string_view>

#include "client/cli/serve/handler.hpp"

namespace hubbub::cli {

/// sysexits(3), timeout(1) and the shell's own 126 and 127; unknown for others.
Status status_of_exit_code(int code);

/// Of what wait(2) tells. ok for success, then without a result. The sentence is `last_words`, or how it has ended
/// where there are none.
Served served_by_end(int wait_status, std::string_view last_words);

/// "exited with 3", "was killed by SIGKILL"; "has ended" for success.
std::string show_end(int wait_status);

/// Made harmless and cut to sentence_bytes_max.
std::string sentence_of(std::string_view text);

}  // namespace hubbub::cli
