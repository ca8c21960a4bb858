#include "common/listener.hpp"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netdb.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <memory>

#include "common/log.hpp"

namespace hubbub {

namespace {

/// Connections that the kernel holds for us; it cuts this down to net.core.somaxconn.
constexpr int backlog = 4096;
/// Accepted before others of this core get their turn.
constexpr int accepted_per_turn = 64;
/// Without descriptors: how long until the next try.
constexpr auto pause_time = std::chrono::milliseconds(100);

tl::unexpected<Error> cannot_listen(const Address& address, const std::string& why) {
  return fail(Status::unavailable, "cannot listen on " + address.str() + ": " + why);
}

std::string explain(int error) {
  if (error == EADDRINUSE) return "another program does; stop it or choose another with --listen";
  if (error == EACCES) return "not permitted; choose a port above 1023 or a folder that you may write to";
  if (error == EADDRNOTAVAIL) return "this machine has no such address";
  return std::strerror(error);
}

struct AddrinfoDeleter {
  void operator()(addrinfo* list) const { ::freeaddrinfo(list); }
};

/// A bound and listening socket, or errno.
tl::expected<int, int> bound_socket(int family, const sockaddr* at, socklen_t size) {
  const int descriptor = ::socket(family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if (descriptor < 0) return tl::unexpected(errno);
  const int on = 1;
  if (family != AF_UNIX) ::setsockopt(descriptor, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  if (::bind(descriptor, at, size) == 0 && ::listen(descriptor, backlog) == 0) return descriptor;
  const int error = errno;
  ::close(descriptor);
  return tl::unexpected(error);
}

Result<int> listen_tcp(const Address& address) {
  addrinfo hints{};
  hints.ai_flags = AI_PASSIVE | AI_NUMERICSERV;
  hints.ai_socktype = SOCK_STREAM;
  addrinfo* found = nullptr;
  const int failed = ::getaddrinfo(address.host.c_str(), std::to_string(address.port).c_str(), &hints, &found);
  if (failed != 0) return cannot_listen(address, ::gai_strerror(failed));
  const std::unique_ptr<addrinfo, AddrinfoDeleter> list(found);
  const auto descriptor = bound_socket(list->ai_family, list->ai_addr, list->ai_addrlen);
  if (!descriptor) return cannot_listen(address, explain(descriptor.error()));
  return *descriptor;
}

bool somebody_answers(const sockaddr_un& at) {
  const int probe = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  const bool refused =
      ::connect(probe, reinterpret_cast<const sockaddr*>(&at), sizeof at) != 0 && errno == ECONNREFUSED;
  ::close(probe);
  return !refused;
}

Result<int> listen_unix(const Address& address, mode_t mode) {
  sockaddr_un at{};
  at.sun_family = AF_UNIX;
  if (address.path.size() >= sizeof at.sun_path) return cannot_listen(address, "the path is longer than 107 bytes");
  std::memcpy(at.sun_path, address.path.c_str(), address.path.size() + 1);
  struct stat there {};
  if (::stat(at.sun_path, &there) == 0) {
    if (!S_ISSOCK(there.st_mode)) return cannot_listen(address, "there is a file of that name that is no socket");
    if (somebody_answers(at)) return cannot_listen(address, explain(EADDRINUSE));
    ::unlink(at.sun_path);  // left behind by one that was killed
  }
  const auto descriptor = bound_socket(AF_UNIX, reinterpret_cast<const sockaddr*>(&at), sizeof at);
  if (!descriptor) return cannot_listen(address, explain(descriptor.error()));
  ::chmod(at.sun_path, mode);
  return *descriptor;
}

std::uint16_t bound_port(int descriptor) {
  sockaddr_storage at{};
  socklen_t size = sizeof at;
  ::getsockname(descriptor, reinterpret_cast<sockaddr*>(&at), &size);
  return ntohs(at.ss_family == AF_INET6 ? reinterpret_cast<sockaddr_in6&>(at).sin6_port
                                        : reinterpret_cast<sockaddr_in&>(at).sin_port);
}

std::string host_of(const sockaddr_storage& peer) {
  std::array<char, INET6_ADDRSTRLEN> text{};
  if (peer.ss_family == AF_INET) {
    ::inet_ntop(AF_INET, &reinterpret_cast<const sockaddr_in&>(peer).sin_addr, text.data(), text.size());
    return text.data();
  }
  if (peer.ss_family != AF_INET6) return "unix";
  const auto& address = reinterpret_cast<const sockaddr_in6&>(peer).sin6_addr;
  const bool mapped = IN6_IS_ADDR_V4MAPPED(&address);
  ::inet_ntop(mapped ? AF_INET : AF_INET6, mapped ? &address.s6_addr[12] : &address.s6_addr[0], text.data(),
              text.size());
  return text.data();
}

}  // namespace

Result<std::unique_ptr<Listener>> Listener::open(asio::io_context& loop, const Address& address, OnAccepted on_accepted,
                                                 mode_t unix_mode) {
  const bool tcp = address.scheme == Address::Scheme::tcp;
  const auto descriptor = tcp ? listen_tcp(address) : listen_unix(address, unix_mode);
  if (!descriptor) return tl::unexpected(descriptor.error());
  auto real = address;
  if (tcp) real.port = bound_port(*descriptor);
  return std::unique_ptr<Listener>(new Listener(loop, *descriptor, std::move(real), std::move(on_accepted), !tcp));
}

std::unique_ptr<Listener> Listener::inherit(asio::io_context& loop, int descriptor, const Address& address,
                                            OnAccepted on_accepted) {
  ::fcntl(descriptor, F_SETFD, FD_CLOEXEC);
  ::fcntl(descriptor, F_SETFL, ::fcntl(descriptor, F_GETFL) | O_NONBLOCK);
  return std::unique_ptr<Listener>(new Listener(loop, descriptor, address, std::move(on_accepted), false));
}

Listener::Listener(asio::io_context& loop, int descriptor, Address address, OnAccepted on_accepted, bool owns_file)
    : socket_(loop, descriptor),
      pause_(loop),
      address_(std::move(address)),
      on_accepted_(std::move(on_accepted)),
      owns_file_(owns_file),
      spare_(::open("/dev/null", O_RDONLY | O_CLOEXEC)) {}

Listener::~Listener() {
  close();
  if (spare_ >= 0) ::close(spare_);
}

void Listener::close() {
  if (!socket_.is_open()) return;
  std::error_code ignored;  // closed is what it is afterwards
  socket_.close(ignored);
  pause_.cancel();
  if (owns_file_) ::unlink(address_.path.c_str());
}

void Listener::wait() {
  socket_.async_wait(asio::posix::stream_descriptor::wait_read, [this](std::error_code error) {
    if (!error) accept_some();
  });
}

void Listener::accept_some() {
  for (int taken = 0; taken < accepted_per_turn; ++taken) {
    sockaddr_storage from{};
    socklen_t size = sizeof from;
    const int descriptor =
        ::accept4(socket_.native_handle(), reinterpret_cast<sockaddr*>(&from), &size, SOCK_NONBLOCK | SOCK_CLOEXEC);
    if (descriptor >= 0) {
      on_accepted_({descriptor, from.ss_family, host_of(from)});
      continue;
    }
    if (errno == EAGAIN || errno == EWOULDBLOCK) break;
    if (errno == ECONNABORTED || errno == EINTR) continue;
    if (errno == EMFILE || errno == ENFILE || errno == ENOBUFS || errno == ENOMEM) return pause();
    log::error("accept failed", {{"address", address_.str()}, {"error", std::strerror(errno)}});
    return pause();
  }
  wait();
}

/// No descriptor left for one more: that one is told by a closed connection instead of waiting for ever, and the
/// sessions there are go on.
void Listener::pause() {
  log::warn("no resources for another connection; trying again shortly",
            {{"address", address_.str()}, {"error", std::strerror(errno)}});
  if (spare_ >= 0) {
    ::close(spare_);
    const int turned_away = ::accept4(socket_.native_handle(), nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK);
    if (turned_away >= 0) ::close(turned_away);
    spare_ = ::open("/dev/null", O_RDONLY | O_CLOEXEC);
  }
  pause_.expires_after(pause_time);
  pause_.async_wait([this](std::error_code error) {
    if (!error) wait();
  });
}

}  // namespace hubbub
