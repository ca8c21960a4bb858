// Where the agent of this user for one hub lives, and whether that place is the user's alone.
//   $XDG_RUNTIME_DIR/hubbub/<hub>/   or, without that variable, /tmp/hubbub-UID/<hub>/
//     lock      held by the agent while it runs; its process id is in it
//     sock      its socket: HUBBUB_SOCK
//     rooms/    the tree of FIFOs
#pragma once

#include <string>

#include "common/address.hpp"
#include "proto/status.hpp"

namespace hubbub::link {

struct AgentPlace {
  std::string runtime;  ///< of all agents of the user
  std::string folder;   ///< of this one

  [[nodiscard]] std::string lock() const { return folder + "/lock"; }
  [[nodiscard]] std::string socket() const { return folder + "/sock"; }
  [[nodiscard]] std::string rooms() const { return folder + "/rooms"; }
};

/// Nothing is made or looked at.
AgentPlace agent_place(const Address& hub);

/// Makes both folders where they aren't there, 0700, and checks them.
Result<void> make_agent_folder(const AgentPlace& place);
/// Fails with not_found where it isn't there, and with permission_denied where another user could have put things in
/// it: it is somebody else's, others may write to it, or it is a symbolic link.
Result<void> check_agent_folder(const AgentPlace& place);

}  // namespace hubbub::link
