#include "tests/bench/connection.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/socket.h>

#include <cerrno>

namespace hubbub::bench {

namespace {

constexpr std::size_t events_max = 1024;
constexpr std::size_t read_bytes = 64 * 1024;

Fd start_connecting(int port, int receive_buffer_bytes) {
  Fd fd(socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  if (!fd.is_open()) fail_with_errno("no socket for one more connection");
  const int on = 1;
  setsockopt(fd.get(), IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  if (receive_buffer_bytes > 0)
    setsockopt(fd.get(), SOL_SOCKET, SO_RCVBUF, &receive_buffer_bytes, sizeof receive_buffer_bytes);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(static_cast<std::uint16_t>(port));
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  if (connect(fd.get(), reinterpret_cast<sockaddr*>(&address), sizeof address) != 0 && errno != EINPROGRESS)
    fail_with_errno("connecting to the server");
  return fd;
}

/// Brings a crowd through its greetings, a bounded number at a time.
class Greeter {
 public:
  Greeter(int port, const Dialect& dialect, std::vector<Part> parts, const ConnectOptions& options)
      : port_(port), dialect_(dialect), parts_(std::move(parts)), options_(options) {
    connections_.reserve(parts_.size());
  }

  std::vector<Connection> run() {
    const auto start = Clock::now();
    while (ready_ < parts_.size()) {
      while (connections_.size() < parts_.size() && connections_.size() - ready_ < options_.at_once) start_one();
      poller_.wait(100'000'000, [this](std::size_t index, std::uint32_t events) { handle(index, events); });
      if (seconds_since(start) > options_.deadline_s)
        throw Failed("only " + std::to_string(ready_) + " of " + std::to_string(parts_.size()) +
                     " connections were greeted in time");
    }
    return std::move(connections_);
  }

 private:
  void start_one() {
    Connection connection;
    connection.fd = start_connecting(port_, options_.receive_buffer_bytes);
    connection.part = parts_[connections_.size()];
    connection.unsent = dialect_.opening(connection.part);
    connection.waits_to_write = true;
    poller_.add(connection.fd, connections_.size(), EPOLLIN | EPOLLOUT);
    connections_.push_back(std::move(connection));
  }

  void handle(std::size_t index, std::uint32_t events) {
    auto& connection = connections_[index];
    if (events & EPOLLOUT) write(index, connection);
    if (events & (EPOLLIN | EPOLLHUP | EPOLLERR)) read(index, connection);
  }

  void write(std::size_t index, Connection& connection) {
    const auto sent = send(connection.fd.get(), connection.unsent.data(), connection.unsent.size(), MSG_NOSIGNAL);
    if (sent < 0 && errno != EAGAIN) fail_with_errno("greeting the server");
    if (sent > 0) connection.unsent.erase(0, static_cast<std::size_t>(sent));
    if (connection.unsent.empty() != connection.waits_to_write) return;
    connection.waits_to_write = !connection.unsent.empty();
    poller_.change(connection.fd, index, connection.waits_to_write ? EPOLLIN | EPOLLOUT : EPOLLIN);
  }

  void read(std::size_t index, Connection& connection) {
    char buffer[read_bytes];
    const auto got = recv(connection.fd.get(), buffer, sizeof buffer, 0);
    if (got < 0 && errno == EAGAIN) return;
    if (got <= 0) throw Failed("the server closed a connection during its greeting");
    connection.received.append(buffer, static_cast<std::size_t>(got));
    auto greeting = dialect_.finish(connection.part, connection.received);
    connection.received.erase(0, greeting.consumed);
    if (!greeting.answer.empty()) {
      connection.unsent = std::move(greeting.answer);
      write(index, connection);
    }
    if (!greeting.done) return;
    connection.received.shrink_to_fit();
    connection.room_handles = std::move(greeting.room_handles);
    connection.ready = true;
    poller_.remove(connection.fd);
    ++ready_;
  }

  int port_;
  const Dialect& dialect_;
  std::vector<Part> parts_;
  ConnectOptions options_;
  Poller poller_;
  std::vector<Connection> connections_;
  std::size_t ready_ = 0;
};

}  // namespace

std::vector<Connection> connect_all(int port, const Dialect& dialect, std::vector<Part> parts,
                                    const ConnectOptions& options) {
  return Greeter(port, dialect, std::move(parts), options).run();
}

void reset_all(std::vector<Connection>& connections) {
  const linger at_once{.l_onoff = 1, .l_linger = 0};
  for (auto& connection : connections)
    if (connection.fd.is_open()) setsockopt(connection.fd.get(), SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
  connections.clear();
}

Poller::Poller() : epoll_(epoll_create1(EPOLL_CLOEXEC)), events_(events_max * sizeof(epoll_event)) {
  if (!epoll_.is_open()) fail_with_errno("epoll_create1");
}

namespace {

void control(int epoll, int operation, int fd, std::size_t index, std::uint32_t events) {
  epoll_event event{};
  event.events = events;
  event.data.u64 = index;
  if (epoll_ctl(epoll, operation, fd, &event) != 0) fail_with_errno("epoll_ctl");
}

}  // namespace

void Poller::add(const Fd& fd, std::size_t index, std::uint32_t events) const {
  control(epoll_.get(), EPOLL_CTL_ADD, fd.get(), index, events);
}
void Poller::change(const Fd& fd, std::size_t index, std::uint32_t events) const {
  control(epoll_.get(), EPOLL_CTL_MOD, fd.get(), index, events);
}
void Poller::remove(const Fd& fd) const { control(epoll_.get(), EPOLL_CTL_DEL, fd.get(), 0, 0); }

int Poller::wait_for(std::int64_t timeout_ns) {
  const timespec timeout{.tv_sec = timeout_ns / 1'000'000'000, .tv_nsec = timeout_ns % 1'000'000'000};
  auto* events = reinterpret_cast<epoll_event*>(events_.data());
  const int count = epoll_pwait2(epoll_.get(), events, events_max, &timeout, nullptr);
  if (count < 0 && errno != EINTR) fail_with_errno("epoll_pwait2");
  return std::max(count, 0);
}

std::size_t Poller::index_of(int i) const { return reinterpret_cast<const epoll_event*>(events_.data())[i].data.u64; }
std::uint32_t Poller::events_of(int i) const { return reinterpret_cast<const epoll_event*>(events_.data())[i].events; }

}  // namespace hubbub::bench
