// Starts the command of `hubbub run` as a shell starts a job: a process group of its own, found by PATH, with an empty
// signal mask and nothing open that is ours but its three streams.
#pragma once

#include <sys/types.h>

#include <string>
#include <vector>

namespace hubbub::cli {

struct SpawnStreams {
  int error = 2;      ///< becomes its stderr; stdin and stdout are ours
  int terminal = -1;  ///< the terminal in front of which it begins; -1: it begins in the background
};

/// Sets `pid`, which is also the group's id. Returns the error number: 0, ENOENT, EACCES …
/// Signals have their default dispositions, but those three that a parent has ignored for good reason (nohup, and
/// `command &` in a script): SIGHUP, SIGINT and SIGQUIT. A script without #! is the shell's, as for execvp(3).
int spawn_job(const std::vector<std::string>& words, const SpawnStreams& streams, pid_t& pid);

}  // namespace hubbub::cli
