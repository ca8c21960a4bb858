// Whether a process may be poked: whose it is, and what it does at a signal, by /proc/PID/status (proc(5)).
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <string>
#include <string_view>

#include "common/descriptor.hpp"
#include "proto/status.hpp"

namespace hubbub::agent {

/// What of /proc/PID/status matters here. Signals are bits, SIGHUP the lowest.
struct ProcessStatus {
  uid_t uid_real = 0;
  uid_t uid_effective = 0;
  std::uint64_t takes = 0;  ///< signals that are caught, blocked (as for signalfd(2)), or ignored
};
/// Fails with internal where a line is missing.
Result<ProcessStatus> parse_process_status(std::string_view text);

/// Of a process of this user that runs: fails with not_found, permission_denied or unavailable.
Result<Descriptor> open_process(int pid);

/// Fails with failed_precondition if the process sleeps and would die of the signal; with not_found once it has ended.
Result<void> check_takes(int pid, int signal);

/// "waybar (process 4711)".
std::string show_process(int pid);

}  // namespace hubbub::agent
