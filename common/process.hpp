// Starts another program, with nothing of ours but what it is given.
//   words, environment, three streams --posix_spawn(3)--> a process, held by its pid and a descriptor of it (a pidfd)
// Its signals are unblocked and have their default actions, but those three that our parent has ignored for good reason
// (nohup, `command &` in a script): SIGHUP, SIGINT and SIGQUIT.
#pragma once

#include <sys/types.h>

#include <string>
#include <string_view>
#include <system_error>
#include <tl/expected.hpp>
#include <vector>

#include "common/descriptor.hpp"

namespace hubbub {

inline constexpr int no_stream = -1;  ///< in place of a stream: /dev/null

struct Program {
  std::vector<std::string> words;        ///< the first is found by PATH; at least one
  std::vector<std::string> environment;  ///< all of it, as NAME=VALUE; empty: ours. See environment_with()
  int input = 0;                         ///< becomes its stdin; no_stream
  int output = 1;                        ///< becomes its stdout; no_stream
  int error = 2;                         ///< becomes its stderr; no_stream
  bool own_group = true;                 ///< it leads a process group of its own, whose id is its pid
  bool own_session = false;              ///< in place of own_group: a session of its own, so that it has no terminal
  int terminal = -1;                     ///< with own_group: the terminal in front of which the group begins
  /// Descriptors above its streams that we got from our own parent stay open in it: `diff <(a) <(b)` behind a command
  /// of ours, a job server of make. All that we have opened ourselves is closed in any case.
  bool keeps_inherited = false;
};

struct Process {
  pid_t pid = -1;
  Descriptor handle;  ///< readable once it has ended; not open where the kernel has no pidfd_open(2)
};

/// Returns once the program was executed. A file without #! is the shell's, as for execvp(3). Fails as exec does:
/// ENOENT, EACCES, E2BIG, EAGAIN … Who starts it collects it.
tl::expected<Process, std::error_code> start_process(const Program& program);

/// Our own environment with these NAME=VALUE in it, in place of ours of the same name, and without ours that begin with
/// `stale` (unless that is empty).
std::vector<std::string> environment_with(std::vector<std::string> ours, std::string_view stale = {});

/// "exited with status 3", "was killed by signal 9 (Killed)"; empty for success. Of what wait(2) tells.
std::string describe_end(int wait_status);

}  // namespace hubbub
