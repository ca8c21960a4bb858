// hubbub agent: the local helper of one user for one hub. One connection to the hub, and doors for every program.
//   hub <--Link--> Switchboard --> readers: programs at the socket, FIFOs, hooks, the board
//             <--> Sending (the spool) <-- doors
// One thread, one loop. What it makes lies in its place (client/link/agent_place.hpp) and goes away with it; what it
// has been told to say lies in an outbox until the hub has it, whatever becomes of the agent.
#pragma once

#include "client/link/agent_place.hpp"
#include "client/link/link.hpp"

namespace hubbub::agent {

struct Options {
  link::Options link;  ///< without an outbox: the agent takes its own
  link::AgentPlace place;
  int ready = -1;  ///< a descriptor: gets a newline once programs may come, or a sentence why not, and is closed
};

/// Runs until TERM, INT or `hubbub agent stop`. Returns the exit code, and has logged why it isn't 0. REQUIRES: called
/// before the first thread is started. Sockets that a service manager has made are taken by sd_listen_fds(3)'s
/// protocol.
int run_agent(Options options);

}  // namespace hubbub::agent
