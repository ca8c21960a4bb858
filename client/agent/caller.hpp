// The program at the other end of a local door: who runs it, and what it is called.
//   SO_PEERCRED (unix(7)): uid and pid, proven by the kernel --> /proc/PID/comm --> "backup.sh"
// The name is for people ("alice via backup.sh"): a program can call itself what it likes.
#pragma once

#include <string>

#include "client/link/types.hpp"
#include "common/stream.hpp"

namespace hubbub::agent {

struct Caller {
  unsigned uid = 0;
  int pid = 0;
  /// UTF-8, nothing that moves a terminal, at most 64 bytes. Of a `hubbub` command it is the program that has started
  /// it. Empty for a shell, which says nothing; "pid 4711" where it has ended already.
  std::string program;
};

Caller caller_of(const PeerCredentials& peer);

/// Says in the message's headers who the caller is, whatever it says itself.
void stamp(link::Outgoing& message, const Caller& caller);

/// What stands in /proc/PID/comm, made fit to be shown.
std::string fit_program_name(std::string_view comm);

}  // namespace hubbub::agent
