#include "tests/support/wire_client.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <utility>

namespace hubbub::test {

namespace {

struct SocketAddress {
  sockaddr_storage storage{};
  socklen_t size = 0;
};

SocketAddress unix_address(const std::string& path) {
  SocketAddress address;
  sockaddr_un local{};
  local.sun_family = AF_UNIX;
  if (path.size() >= sizeof local.sun_path) throw Failure("the path of the UNIX socket is too long: " + path);
  std::memcpy(local.sun_path, path.data(), path.size());
  std::memcpy(&address.storage, &local, sizeof local);
  address.size = sizeof local;
  return address;
}

SocketAddress tcp_address(const std::string& host_and_port) {
  SocketAddress address;
  sockaddr_in inet{};
  inet.sin_family = AF_INET;
  const auto colon = host_and_port.rfind(':');
  if (::inet_pton(AF_INET, host_and_port.substr(0, colon).c_str(), &inet.sin_addr) != 1)
    throw Failure("not an IPv4 address: " + host_and_port);
  inet.sin_port = htons(static_cast<std::uint16_t>(std::stoi(host_and_port.substr(colon + 1))));
  std::memcpy(&address.storage, &inet, sizeof inet);
  address.size = sizeof inet;
  return address;
}

SocketAddress address_of(const std::string& url) {
  if (url.starts_with("unix://")) return unix_address(url.substr(7));
  if (url.starts_with("tcp://")) return tcp_address(url.substr(6));
  throw Failure("neither tcp:// nor unix://: " + url);
}

bool wait_for_socket(int socket, short events, Deadline deadline) {
  pollfd waited{socket, events, 0};
  return ::poll(&waited, 1, deadline.left_ms()) > 0;
}

/// Segments well below the buffer's size, as on a real network: TCP on the loopback announces no window smaller than
/// one of its 64 KiB segments, and a stream through a smaller buffer crawls.
void keep_little(int socket, int receive_buffer_bytes) {
  const int segment_bytes = receive_buffer_bytes / 8;
  ::setsockopt(socket, IPPROTO_TCP, TCP_MAXSEG, &segment_bytes, sizeof segment_bytes);
  ::setsockopt(socket, SOL_SOCKET, SO_RCVBUF, &receive_buffer_bytes, sizeof receive_buffer_bytes);
}

bool is_broken(int error) { return error == EPIPE || error == ECONNRESET; }

}  // namespace

WireClient::WireClient(const std::string& url, int receive_buffer_bytes) {
  const auto address = address_of(url);
  const auto* const name = reinterpret_cast<const sockaddr*>(&address.storage);
  socket_ = ::socket(name->sa_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (receive_buffer_bytes > 0) keep_little(socket_, receive_buffer_bytes);
  if (::connect(socket_, name, address.size) != 0) {
    const int error = errno;
    close();
    throw Failure("can't connect to " + url + ": " + std::strerror(error));
  }
  const int on = 1;
  if (name->sa_family == AF_INET) ::setsockopt(socket_, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
}

WireClient::~WireClient() { close(); }

WireClient::WireClient(WireClient&& other) noexcept
    : socket_(std::exchange(other.socket_, -1)),
      answers_pings_(other.answers_pings_),
      unread_(std::move(other.unread_)),
      unread_at_(other.unread_at_),
      waiting_(std::move(other.waiting_)),
      kept_(std::move(other.kept_)),
      calls_(other.calls_),
      pings_(other.pings_),
      published_(std::move(other.published_)) {}

// ── raw ──────────────────────────────────────────────────────────────────────────────────────────────────────────────

bool WireClient::send_bytes(std::string_view bytes, Deadline deadline) {
  while (!bytes.empty()) {
    const auto sent = ::send(socket_, bytes.data(), bytes.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
    if (sent >= 0) {
      bytes.remove_prefix(static_cast<std::size_t>(sent));
    } else if (is_broken(errno)) {
      return false;
    } else if ((errno != EAGAIN && errno != EINTR) || !wait_for_socket(socket_, POLLOUT, deadline)) {
      throw Failure(std::string("the hub doesn't take what is sent: ") + std::strerror(errno));
    }
  }
  return true;
}

bool WireClient::send_frame(std::uint8_t type, std::string_view payload) {
  std::string frame(proto::frame_header_bytes, '\0');
  proto::write_frame_header(frame.data(), {type, static_cast<std::uint32_t>(payload.size())});
  return send_bytes(frame.append(payload));
}

std::optional<RawFrame> WireClient::take_frame() {
  const auto unread = std::string_view(unread_).substr(unread_at_);
  if (unread.size() < proto::frame_header_bytes) return std::nullopt;
  const auto header = proto::read_frame_header(unread.data());
  if (unread.size() - proto::frame_header_bytes < header.payload_bytes) return std::nullopt;
  RawFrame frame{header.type, std::string(unread.substr(proto::frame_header_bytes, header.payload_bytes))};
  unread_at_ += proto::frame_header_bytes + header.payload_bytes;
  return frame;
}

/// More bytes. False at the end of the connection.
bool WireClient::receive(Deadline deadline) {
  unread_.erase(0, std::exchange(unread_at_, 0));
  if (!wait_for_socket(socket_, POLLIN, deadline)) throw Failure("nothing came from the hub in time");
  char buffer[65536];
  const auto got = ::recv(socket_, buffer, sizeof buffer, MSG_DONTWAIT);
  if (got > 0) unread_.append(buffer, static_cast<std::size_t>(got));
  if (got < 0 && !is_broken(errno) && errno != EAGAIN && errno != EINTR)
    throw Failure(std::string("can't read from the hub: ") + std::strerror(errno));
  return got > 0 || (got < 0 && !is_broken(errno));
}

std::optional<RawFrame> WireClient::next_frame(Deadline deadline) {
  if (!waiting_.empty()) {
    auto frame = std::move(waiting_.front());
    waiting_.pop_front();
    return frame;
  }
  for (;;) {
    while (auto frame = take_frame()) {
      if (frame->type != proto::Ping::type || !answers_pings_) return frame;
      send_frame(proto::Pong::type, frame->payload);
    }
    if (!receive(deadline)) return std::nullopt;
  }
}

void WireClient::shut_down_writing() { ::shutdown(socket_, SHUT_WR); }

void WireClient::close() {
  if (socket_ >= 0) ::close(std::exchange(socket_, -1));
}

void WireClient::reset() {
  const linger at_once{1, 0};
  ::setsockopt(socket_, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
  close();
}

// ── messages ─────────────────────────────────────────────────────────────────────────────────────────────────────────

std::optional<RawFrame> WireClient::take_waiting(std::uint8_t type) {
  for (auto at = waiting_.begin(); at != waiting_.end(); ++at) {
    if (at->type != type) continue;
    auto frame = std::move(*at);
    waiting_.erase(at);
    return frame;
  }
  return std::nullopt;
}

RawFrame WireClient::wait_for(std::uint8_t type, Deadline deadline) {
  if (auto frame = take_waiting(type)) return *std::move(frame);
  std::deque<RawFrame> passed = std::exchange(waiting_, {});
  for (;;) {
    auto frame = next_frame(deadline);
    if (!frame) throw Failure("the connection ended before a message of type " + std::to_string(type));
    if (frame->type == type) {
      waiting_ = std::move(passed);
      return *std::move(frame);
    }
    if (frame->type == proto::Closing::type) {
      const auto closing = proto::decode_value<proto::Closing>(frame->payload);
      throw Failure("the hub closed: " + (closing ? closing->sentence.str() : "for a reason that can't be decoded"));
    }
    passed.push_back(*std::move(frame));
  }
}

proto::Closing WireClient::expect_closing(Deadline deadline) {
  const auto closing = expect<proto::Closing>(deadline);
  const auto before = std::exchange(waiting_, {});
  if (next_frame(deadline)) throw Failure("something came after the Closing");
  waiting_ = before;
  return closing;
}

void WireClient::expect_end(Deadline deadline) {
  while (next_frame(deadline)) {
  }
}

void WireClient::barrier() {
  const std::uint64_t token = ++pings_;
  send(proto::Ping{token});
  while (expect<proto::Pong>().token != token) {
  }
}

// ── what tests do again and again ────────────────────────────────────────────────────────────────────────────────────

proto::Welcome WireClient::greet(const Greeting& greeting) {
  proto::Hello hello;
  hello.minor = greeting.minor;
  hello.program = Text::literal("wire client");
  hello.name = Text::literal(greeting.name);
  hello.client = greeting.client == ClientId{} ? random_id<ClientId>() : greeting.client;
  hello.owner = greeting.owner == OwnerKey{} ? random_id<OwnerKey>() : greeting.owner;
  send(hello);
  return expect<proto::Welcome>();
}

RoomId WireClient::open(const std::string& room) {
  const auto opened = call(proto::RoomOpen{RoomName::literal(room)});
  if (!opened) throw Failure("room.open: " + opened.error().sentence);
  return opened->id;
}

std::uint32_t WireClient::subscribe(const std::string& pattern, proto::From from, Seq seq, const std::string& group,
                                    bool events) {
  const auto answered =
      call(proto::RoomSubscribe{Pattern::literal(pattern), from, seq, GroupName::literal(group), events});
  if (!answered) throw Failure("room.subscribe: " + answered.error().sentence);
  return answered->rooms;
}

PublishId WireClient::publish(RoomId room, std::string_view body, proto::Kind kind, std::uint8_t flags) {
  auto& last = published_[room.value];
  last = last.next();
  send(proto::Publish{room, last, flags, kind, {}, {body}});
  return last;
}

Seq WireClient::say(RoomId room, std::string_view body, proto::Kind kind, std::uint8_t flags) {
  const auto id = publish(room, body, kind, flags);
  for (;;) {
    const auto published = expect<proto::Published>();
    if (published.room == room && published.id >= id) return published.seq;
  }
}

template <class Id>
Id random_id() {
  Id id;
  if (::getrandom(id.bytes.data(), id.bytes.size(), 0) != static_cast<ssize_t>(id.bytes.size()))
    throw Failure("no random bytes");
  return id;
}
template ClientId random_id<ClientId>();
template OwnerKey random_id<OwnerKey>();

}  // namespace hubbub::test
