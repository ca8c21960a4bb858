// The program at the other end of a local door: who runs it, and what it is called.
//   SO_PEERCRED (unix(7)): uid and pid, proven by the kernel --> /proc/PID/comm --> "backup.sh"
// The name is for people ("alice via backup.sh"): a program can call itself what it likes.
#pragma once

#include <string>

#include "common/stream.hpp"

namespace hubbub::agent {

/// The key of the header that says through which program something was said.
inline constexpr const char* via_header = "via";

struct Caller {
  unsigned uid = 0;
  int pid = 0;
  std::string
      program;  ///< UTF-8, nothing that moves a terminal, at most 64 bytes; "pid 4711" where it has ended already
};

Caller caller_of(const PeerCredentials& peer);

/// What stands in /proc/PID/comm, made fit to be shown.
std::string fit_program_name(std::string_view comm);

}  // namespace hubbub::agent
