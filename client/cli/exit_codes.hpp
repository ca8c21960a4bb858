// How a command ended, as the shell sees it: sysexits(3), timeout(1) and the shell's own 128 + signal.
//   Error's Status --exit_code_of--> the number
#pragma once

#include <span>
#include <string_view>

#include "proto/status.hpp"

namespace hubbub::cli {

namespace exit_code {
inline constexpr int done = 0;
inline constexpr int nothing_found = 1;
inline constexpr int usage = 64;
inline constexpr int data = 65;
inline constexpr int no_input = 66;
inline constexpr int unavailable = 69;
inline constexpr int software = 70;
inline constexpr int input_output = 74;
inline constexpr int try_again = 75;
inline constexpr int denied = 77;
inline constexpr int deadline = 124;
inline constexpr int interrupted = 130;
inline constexpr int terminated = 143;
}  // namespace exit_code

struct ExitCodeRow {
  int code;
  std::string_view meaning;
};

/// For help and man page, rising.
std::span<const ExitCodeRow> exit_code_rows();

/// The one place where a refusal becomes a number.
int exit_code_of(Status status);

}  // namespace hubbub::cli
