// A pair of connected UNIX datagram sockets: messages stay whole, in order, and a sender waits where the queue is full.
#include <sys/socket.h>

#include <cerrno>
#include <string>
#include <utility>

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

/// What the kernel counts beside the bytes of a message (unix_dgram_sendmsg).
constexpr std::size_t overhead_bytes = 32;

std::size_t largest_message(int socket) {
  int room = 0;
  socklen_t size = sizeof room;
  ::getsockopt(socket, SOL_SOCKET, SO_SNDBUF, &room, &size);
  return static_cast<std::size_t>(room) - overhead_bytes;
}

Result<void> make_room(int socket, std::size_t message_bytes) {
  if (message_bytes <= largest_message(socket)) return {};
  const int wanted = static_cast<int>(message_bytes + overhead_bytes);
  ::setsockopt(socket, SOL_SOCKET, SO_SNDBUF, &wanted, sizeof wanted);
  const auto most = largest_message(socket);
  if (message_bytes <= most) return {};
  return fail(Status::unavailable, "a message has at most " + std::to_string(most) +
                                       " bytes here; sysctl net.core.wmem_max lets it have more");
}

Result<Ends> open_sockets(std::size_t message_bytes) {
  int ends[2];
  if (::socketpair(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0, ends) != 0) return cannot("make a pair of sockets");
  Descriptor one(ends[0]), other(ends[1]);
  for (const int socket : ends)
    if (auto made = make_room(socket, message_bytes); !made) return tl::unexpected(made.error());
  return Ends{std::make_unique<DatagramEnd>(std::move(one)), std::make_unique<DatagramEnd>(std::move(other))};
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
