// A TCP connection over the loopback, without Nagle's waiting (TCP_NODELAY).
#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include "client/cli/ipc/stream_end.hpp"

namespace hubbub::ipc {

namespace {

Descriptor make_socket() { return Descriptor(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)); }

sockaddr* generic(sockaddr_in& address) { return reinterpret_cast<sockaddr*>(&address); }

/// Any program of the machine may connect to a port.
bool are_connected(int one, int other) {
  sockaddr_in name{}, peer{};
  socklen_t size = sizeof name;
  const bool known =
      ::getsockname(one, generic(name), &size) == 0 && ::getpeername(other, generic(peer), &(size = sizeof peer)) == 0;
  return known && name.sin_port == peer.sin_port && name.sin_addr.s_addr == peer.sin_addr.s_addr;
}

bool send_at_once(int socket) {
  const int on = 1;
  return ::setsockopt(socket, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on) == 0;
}

Result<Ends> open_connection(std::size_t) {
  const auto listener = make_socket();
  auto asking = make_socket();
  if (!listener.is_open() || !asking.is_open()) return cannot("make a socket");
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  if (::bind(listener.get(), generic(address), size) != 0 || ::listen(listener.get(), 1) != 0 ||
      ::getsockname(listener.get(), generic(address), &size) != 0)
    return cannot("listen on the loopback");
  if (::connect(asking.get(), generic(address), size) != 0) return cannot("connect over the loopback");
  Descriptor answering(::accept4(listener.get(), nullptr, nullptr, SOCK_CLOEXEC));
  if (!answering.is_open()) return cannot("accept a connection");
  if (!are_connected(asking.get(), answering.get()))
    return fail(Status::unavailable, "another program has connected in between");
  if (!send_at_once(asking.get()) || !send_at_once(answering.get())) return cannot("set TCP_NODELAY");
  return Ends{stream_end(std::move(asking)), stream_end(std::move(answering))};
}

}  // namespace

extern const Mechanism tcp_mechanism;
const Mechanism tcp_mechanism = {
    "tcp",
    "When the other end may be on another machine, now or later; on one machine the network's layers cost extra.",
    "clients to the hub",
    message_bytes_max,
    open_connection,
};

}  // namespace hubbub::ipc
