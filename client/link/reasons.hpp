// Why a connection ended, as an Error, and whether to come back.
#pragma once

#include "client/link/types.hpp"

namespace hubbub::link {

/// The hub's Closing in the terms of a request that failed.
Error error_of(const proto::Closing& closing);

/// False where the next try would end the same way: the hub refuses what this client is, or what it sends.
bool may_come_back(proto::CloseReason reason);

}  // namespace hubbub::link
