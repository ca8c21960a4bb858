// A hub's address as a file name, for what belongs to one hub: the agent's folder, its shared memory.
#pragma once

#include <string>

#include "common/address.hpp"

namespace hubbub::link {

/// `127.0.0.1-4848`, `chat.example.org-4848`, `run-hubbub-hub.sock`: [a-z0-9._-], at most 64 bytes. Other hubs have
/// other keys: what had to be left out of the name is told apart by a hash at its end.
std::string hub_key(const Address& hub);

}  // namespace hubbub::link
