// A pipe to a program of ours.
#pragma once

#include <system_error>
#include <tl/expected.hpp>

#include "common/descriptor.hpp"

namespace hubbub {

struct PipeEnds {
  Descriptor read, write;
};

/// Both ends are closed in programs that we start, and block. Fails as pipe(2).
tl::expected<PipeEnds, std::error_code> open_pipe();

/// Gives up the end, which doesn't block from now on.
int without_blocking(Descriptor& end);

}  // namespace hubbub
