#include "common/stream.hpp"

#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include <cerrno>

namespace hubbub {

IoResult io_result_of(ssize_t moved) {
  if (moved > 0) return {IoStatus::done, static_cast<std::size_t>(moved), {}};
  if (moved == 0) return {IoStatus::closed, 0, {}};
  if (errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR) return {IoStatus::would_block, 0, {}};
  const auto status = errno == EPIPE || errno == ECONNRESET ? IoStatus::closed : IoStatus::failed;
  return {status, 0, std::error_code(errno, std::system_category())};
}

namespace {

bool is_family(const asio::generic::stream_protocol::endpoint& endpoint, int family) {
  return endpoint.data()->sa_family == family;
}

}  // namespace

Stream::Stream(Socket socket) : socket_(std::move(socket)) {
  std::error_code ignored;  // a socket whose peer has gone already says so at the first read
  socket_.non_blocking(true, ignored);
  ::fcntl(socket_.native_handle(), F_SETFD, FD_CLOEXEC);
  if (is_local()) return;
  const int on = 1;
  ::setsockopt(socket_.native_handle(), IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
}

IoResult Stream::read_some(std::span<char> into) {
  return io_result_of(::recv(socket_.native_handle(), into.data(), into.size(), 0));
}

IoResult Stream::write_some(std::span<const iovec> parts) {
  msghdr message{};
  message.msg_iov = const_cast<iovec*>(parts.data());  // sendmsg(2) doesn't write to it
  message.msg_iovlen = parts.size();
  return io_result_of(::sendmsg(socket_.native_handle(), &message, MSG_NOSIGNAL));
}

void Stream::shut_down_writing() {
  std::error_code ignored;  // nothing to shut down on a broken connection
  socket_.shutdown(Socket::shutdown_send, ignored);
}

void Stream::close() {
  std::error_code ignored;  // closed is what it is afterwards, whatever close(2) says
  socket_.close(ignored);
}

bool Stream::is_local() const {
  std::error_code error;
  const auto endpoint = socket_.local_endpoint(error);
  return !error && is_family(endpoint, AF_UNIX);
}

std::optional<PeerCredentials> Stream::peer_credentials() const {
  ucred found{};
  socklen_t size = sizeof found;
  const int handle = const_cast<Socket&>(socket_).native_handle();
  const bool got = ::getsockopt(handle, SOL_SOCKET, SO_PEERCRED, &found, &size) == 0;
  if (!got || found.uid == static_cast<uid_t>(-1)) return std::nullopt;  // the pid of another namespace's peer is 0
  return PeerCredentials{found.pid, found.uid, found.gid};
}

}  // namespace hubbub
