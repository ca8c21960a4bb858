// An end made of descriptors that carry bytes, not messages: one that is written, one that is read, or a socket for
// both.
#pragma once

#include "client/cli/ipc/mechanism.hpp"
#include "common/descriptor.hpp"

namespace hubbub::ipc {

/// Both are the same for a socket, which is given once.
std::unique_ptr<End> stream_end(Descriptor out, Descriptor in);
std::unique_ptr<End> stream_end(Descriptor socket);

}  // namespace hubbub::ipc
