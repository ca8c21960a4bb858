// A pair of connected UNIX stream sockets.
#include <sys/socket.h>

#include "client/cli/ipc/stream_end.hpp"

namespace hubbub::ipc {

namespace {

Result<Ends> open_sockets(std::size_t) {
  int ends[2];
  if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) != 0) return cannot("make a pair of sockets");
  return Ends{stream_end(Descriptor(ends[0])), stream_end(Descriptor(ends[1]))};
}

}  // namespace

extern const Mechanism unix_mechanism;
const Mechanism unix_mechanism = {
    "unix",
    "A server and its clients on one machine: both directions, and the kernel tells who is calling and hands over "
    "descriptors.",
    "`hubbubd --listen unix:///path`, with the user's name proven",
    message_bytes_max,
    open_sockets,
};

}  // namespace hubbub::ipc
