#include "common/address.hpp"

#include <fcntl.h>
#include <fmt/core.h>
#include <sys/socket.h>
#include <sys/un.h>

#include <cerrno>
#include <charconv>
#include <chrono>
#include <optional>
#include <vector>

#include "common/escape.hpp"

namespace hubbub {

namespace {

constexpr std::size_t unix_path_bytes_max = sizeof(sockaddr_un::sun_path) - 1;
constexpr std::size_t host_bytes_max = 253;  // RFC 1035, without the dot at the end

tl::unexpected<Error> bad_address(std::string_view text, std::string_view why) {
  constexpr std::size_t shown_max = 80;
  return fail(
      Status::invalid_argument,
      fmt::format("'{}' is not an address: {}; write tcp://host:port, tcp://[::1]:4848 or unix:///run/hubbub.sock",
                  escape_for_terminal(text.substr(0, shown_max)), why));
}

bool is_host_byte(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '.' || c == '_';
}

bool is_host(std::string_view text) {
  for (const char c : text)
    if (!is_host_byte(c)) return false;
  return !text.empty() && text.size() <= host_bytes_max;
}

bool is_ipv6(std::string_view text) {
  std::error_code error;
  asio::ip::make_address_v6(std::string(text), error);
  return !error;
}

std::optional<std::uint16_t> parse_port(std::string_view digits) {
  std::uint16_t port = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), port);
  if (digits.empty() || error != std::errc{} || end != digits.data() + digits.size()) return std::nullopt;
  return port;
}

Result<Address> parse_unix(std::string_view text, std::string_view path) {
  if (!path.starts_with('/')) return bad_address(text, "the path of a UNIX socket starts with /");
  if (path.find('\0') != std::string_view::npos) return bad_address(text, "its path has a zero byte");
  if (path.size() > unix_path_bytes_max)
    return bad_address(
        text, fmt::format("its path is longer than the {} bytes that a UNIX socket may have", unix_path_bytes_max));
  return Address{Address::Scheme::unix_socket, {}, 0, std::string(path)};
}

/// `after_host` is empty or `:port`.
Result<Address> with_port(std::string_view text, std::string_view host, std::string_view after_host) {
  Address address{Address::Scheme::tcp, std::string(host), default_port, {}};
  if (after_host.empty()) return address;
  const auto port = after_host[0] == ':' ? parse_port(after_host.substr(1)) : std::nullopt;
  if (!port) return bad_address(text, "its port is no number from 0 to 65535");
  address.port = *port;
  return address;
}

Result<Address> parse_tcp(std::string_view text, std::string_view rest) {
  if (rest.ends_with('/')) rest.remove_suffix(1);
  if (rest.starts_with('[')) {
    const auto end = rest.find(']');
    if (end == std::string_view::npos || !is_ipv6(rest.substr(1, end - 1)))
      return bad_address(text, "there is no IPv6 address in the brackets");
    return with_port(text, rest.substr(1, end - 1), rest.substr(end + 1));
  }
  if (is_ipv6(rest)) return with_port(text, rest, {});
  const auto colon = rest.find(':');
  const auto host = rest.substr(0, colon);
  if (host.empty()) return bad_address(text, "its host is missing");
  if (!is_host(host)) return bad_address(text, "its host is neither a name nor an IP address");
  return with_port(text, host, colon == std::string_view::npos ? std::string_view{} : rest.substr(colon));
}

using Socket = asio::generic::stream_protocol::socket;
using Endpoint = asio::generic::stream_protocol::endpoint;

/// In words that help, for the two that are common. Asio has an error category of its own, not equal to std's.
std::string reason(const std::error_code& error) {
  if (error == asio::error::connection_refused || error == std::errc::connection_refused) return "nobody listens there";
  if (error == std::errc::no_such_file_or_directory) return "there is no such socket";
  return escape_for_terminal(error.message());
}

tl::unexpected<Error> unreachable(const Address& address, const std::error_code& error) {
  if (error == asio::error::operation_aborted)
    return fail(Status::cancelled, fmt::format("connecting to {} was given up", address.str()));
  return fail(Status::unavailable,
              fmt::format("can't connect to {}: {}; is the hub running there?", address.str(), reason(error)));
}

/// Opened before it connects, so that no program that is started meanwhile inherits it; Asio doesn't ask for that.
void open_for(const Endpoint& endpoint, Socket& socket, std::error_code& error) {
  socket.open(endpoint.protocol(), error);
  if (!error) ::fcntl(socket.native_handle(), F_SETFD, FD_CLOEXEC);
}

/// connect(2) on a UNIX socket never waits: it is done, has failed, or says EAGAIN while the backlog is full.
asio::awaitable<Result<Socket>> connect_unix(Address address) {
  const auto executor = co_await asio::this_coro::executor;
  asio::steady_timer pause(executor);
  const Endpoint endpoint = asio::local::stream_protocol::endpoint(address.path);
  Socket socket(executor);
  std::error_code error;
  open_for(endpoint, socket, error);
  if (!error) socket.non_blocking(true, error);
  for (auto wait = std::chrono::milliseconds(1); !error; wait = std::min(wait * 2, std::chrono::milliseconds(50))) {
    if (::connect(socket.native_handle(), endpoint.data(), static_cast<socklen_t>(endpoint.size())) == 0)
      co_return socket;
    if (errno != EAGAIN && errno != EINTR) error.assign(errno, std::system_category());
    if (error) break;
    pause.expires_after(wait);
    co_await pause.async_wait(asio::redirect_error(asio::use_awaitable, error));
  }
  co_return unreachable(address, error);
}

asio::awaitable<std::vector<Endpoint>> resolve(const Address& address, std::error_code& error) {
  std::vector<Endpoint> found;
  std::error_code not_numeric;
  const auto ip = asio::ip::make_address(address.host, not_numeric);
  if (!not_numeric) {  // spares the thread that Asio resolves names in
    found.emplace_back(asio::ip::tcp::endpoint(ip, address.port));
    co_return found;
  }
  asio::ip::tcp::resolver resolver(co_await asio::this_coro::executor);
  const std::string service = std::to_string(address.port);
  const auto results =
      co_await resolver.async_resolve(address.host, service, asio::redirect_error(asio::use_awaitable, error));
  for (const auto& entry : results) found.emplace_back(entry.endpoint());
  co_return found;
}

asio::awaitable<Result<Socket>> connect_tcp(Address address) {
  std::error_code error;
  const auto endpoints = co_await resolve(address, error);
  if (endpoints.empty() && !error) error = asio::error::host_not_found;
  for (const auto& endpoint : endpoints) {
    Socket socket(co_await asio::this_coro::executor);
    open_for(endpoint, socket, error);
    if (!error) co_await socket.async_connect(endpoint, asio::redirect_error(asio::use_awaitable, error));
    if (!error) co_return socket;
    if (error == asio::error::operation_aborted) break;
  }
  co_return unreachable(address, error);
}

}  // namespace

Result<Address> Address::parse(std::string_view text) {
  if (text.starts_with("unix://")) return parse_unix(text, text.substr(7));
  if (text.starts_with('/')) return parse_unix(text, text);
  if (text.starts_with("tcp://")) return parse_tcp(text, text.substr(6));
  if (text.find("://") != std::string_view::npos)
    return bad_address(text, "it starts neither with tcp:// nor with unix://");
  return parse_tcp(text, text);
}

std::string Address::str() const {
  if (scheme == Scheme::unix_socket) return "unix://" + path;
  if (host.find(':') != std::string::npos) return fmt::format("tcp://[{}]:{}", host, port);
  return fmt::format("tcp://{}:{}", host, port);
}

asio::awaitable<Result<Socket>> connect_to(Address address) {
  if (address.scheme == Address::Scheme::unix_socket) co_return co_await connect_unix(std::move(address));
  co_return co_await connect_tcp(std::move(address));
}

}  // namespace hubbub
