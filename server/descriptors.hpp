// How many connections the operating system lets this process have.
#pragma once

#include <cstdint>

#include "server/config.hpp"

namespace hubbub::server {

/// Raises the soft limit of open files to the hard one (getrlimit(2)). Returns what is in force.
std::uint64_t raise_descriptor_limit();

/// Logs a warning if `limits.connections` can't be reached with so many descriptors.
void warn_of_few_descriptors(const Config& config, std::uint64_t available);

}  // namespace hubbub::server
