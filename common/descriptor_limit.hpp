// How many files and sockets the operating system lets this process have open.
#pragma once

#include <cstdint>

namespace hubbub {

/// Raises the soft limit of open files to the hard one (getrlimit(2)). Returns what is in force.
std::uint64_t raise_descriptor_limit();

}  // namespace hubbub
