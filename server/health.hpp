// Asks a hub whether it serves: connect, say Hello, be welcomed. For a container's HEALTHCHECK.
#pragma once

#include <chrono>
#include <string>

#include "common/address.hpp"
#include "server/config.hpp"

namespace hubbub::server {

/// Where to ask the hub that runs with this configuration: its first listener, with a loopback address for "all
/// addresses"; if that is any free port, what its ready file says. Fails with failed_precondition.
Result<Address> health_address(const Config& config);

/// What the hub says it is ("hubbubd 0.1.0"). Blocks for `limit` at most, all together.
/// Fails with unavailable or deadline_exceeded and a sentence; a hub that is stopping isn't healthy.
Result<std::string> check_health(const Address& address, std::chrono::milliseconds limit = std::chrono::seconds(2));

}  // namespace hubbub::server
