// What `hubbub run` tells of a command: that it began, and how it ended.
//   RunSubject             --> "started: make -j4 (pid 4711 on build1)"
//   RunSubject, RunEnd, …  --> "failed with exit code 2 after 3m12s: make -j4\n<the last lines of its stderr>"
// For programs the same in headers: run (start, end or vanished) and run-id, which ties the two together; run-host,
// run-pid; at the end run-ms, and run-exit or run-signal. Pure.
#pragma once

#include <sys/types.h>

#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "client/link/types.hpp"

namespace hubbub::cli {

struct RunSubject {
  std::string id;     ///< of this run and of no other
  std::string title;  ///< what people call it: title_of() the command, or what they said
  std::string host;
  pid_t pid = 0;  ///< 0: it could not be started
};

struct RunEnd {
  enum class How { exited, killed, not_started };
  How how = How::exited;
  int number = 0;  ///< the exit code, the signal, or the errno of the start
  std::chrono::milliseconds took{0};

  [[nodiscard]] bool failed() const { return how != How::exited || number != 0; }
};

/// Of a status as wait(2) has it.
RunEnd end_of(int wait_status, std::chrono::milliseconds took);

/// As a shell has it: the command's, 128 + signal, 127 where there is no such command, 126 where it can't be executed.
int exit_code_of(const RunEnd& end);

/// As people call it; else the command as one could type it into a shell. Harmless, in one line, at most 512 bytes,
/// with "…" behind what was cut.
std::string title_of(const std::optional<std::string>& title, const std::vector<std::string>& words);

/// With an accuracy that people care for: 340ms, 1.2s, 45s, 3m12s, 2h05m.
std::string show_span(std::chrono::milliseconds span);

/// Notices, without a room. `last_lines` may be empty.
link::Outgoing tell_start(const RunSubject& subject);
/// If `hubbub run` vanishes, so that the end can't be told.
link::Outgoing tell_vanished(const RunSubject& subject);
link::Outgoing tell_end(const RunSubject& subject, const RunEnd& end, std::string_view last_lines);

}  // namespace hubbub::cli
