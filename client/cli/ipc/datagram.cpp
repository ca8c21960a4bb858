// A pair of connected UNIX datagram sockets: messages stay whole, in order, and a sender waits where the queue is full.
#include <sys/socket.h>

#include <cerrno>

#include "client/cli/ipc/mechanism.hpp"
#include "common/descriptor.hpp"

namespace hubbub::ipc {

namespace {

class DatagramEnd : public End {
 public:
  explicit DatagramEnd(Descriptor socket) : socket_(std::move(socket)) {}

  bool send(std::span<const std::byte> message) override {
    return ::send(socket_.get(), message.data(), message.size(), MSG_NOSIGNAL) >= 0;
  }
  bool receive(std::span<std::byte> message) override {
    const auto got = ::recv(socket_.get(), message.data(), message.size(), 0);
    if (got >= 0 && static_cast<std::size_t>(got) != message.size()) errno = EPIPE;  // the other process has ended
    return got == static_cast<ssize_t>(message.size());
  }

 private:
  Descriptor socket_;
};

Result<Ends> open_sockets(std::size_t) {
  int ends[2];
  if (::socketpair(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0, ends) != 0) return cannot("make a pair of sockets");
  return Ends{std::make_unique<DatagramEnd>(Descriptor(ends[0])), std::make_unique<DatagramEnd>(Descriptor(ends[1]))};
}

}  // namespace

extern const Mechanism datagram_mechanism;
const Mechanism datagram_mechanism = {
    "datagram",
    "Short messages that arrive whole or not at all, from many to one and without a connection.",
    "`hubbubd` tells the service manager that it is ready and alive",
    message_bytes_max,
    open_sockets,
};

}  // namespace hubbub::ipc
