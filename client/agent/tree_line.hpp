// One message as one line of a room's `out` and `feed`.
//   Message --> "42 2026-11-22T21:02:56.123Z ~alice make: *** [all] Error 2\n"
// Pure. Whatever a body holds, the line has one newline, at its end, and moves no terminal (common/escape.hpp).
#pragma once

#include <cstddef>
#include <span>
#include <string>

#include "client/link/types.hpp"

namespace hubbub::agent {

struct TreeLine {
  std::string text;
  bool is_whole = true;  ///< false: the body's end is missing, and "… (5000 bytes)" stands for it
};

/// Seq, time in UTC, sender (~ before a name that the hub can't verify), body, or `(erased)`; at most `bytes_max` with
/// the newline. Linear in bytes_max, not in the body. REQUIRES: bytes_max is 256 or more.
TreeLine tree_line(const link::Message& message, std::size_t bytes_max);

/// What `out` says in its own name: "-- TEXT\n".
std::string tree_remark(const std::string& text);

/// The file `members`: "~alice away at lunch\n" for each, in the order given.
std::string tree_members(std::span<const proto::Person> people);

}  // namespace hubbub::agent
