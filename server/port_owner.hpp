// Who listens on a port already, for the sentence that says so.
#pragma once

#include <sys/types.h>

#include <optional>
#include <string>

#include "common/address.hpp"

namespace hubbub::server {

struct PortOwner {
  pid_t pid;
  std::string program;
};

/// Looks through /proc (proc(5)). Finds nothing if nobody listens there, or somebody whose processes this user may not
/// see.
std::optional<PortOwner> port_owner(const Address& address);

}  // namespace hubbub::server
