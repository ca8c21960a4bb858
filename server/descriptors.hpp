// Whether the operating system lets this process have as many connections as it is to have.
#pragma once

#include <cstdint>

#include "server/config.hpp"

namespace hubbub::server {

/// Logs a warning if `limits.connections` can't be reached with so many descriptors.
void warn_of_few_descriptors(const Config& config, std::uint64_t available);

}  // namespace hubbub::server
