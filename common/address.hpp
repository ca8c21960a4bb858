// Where a hub listens or is found: tcp://host:port or unix:///path.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "common/asio.hpp"
#include "proto/status.hpp"

namespace hubbub {

inline constexpr std::uint16_t default_port = 4848;

struct Address {
  enum class Scheme { tcp, unix_socket };
  Scheme scheme = Scheme::tcp;
  std::string host;                   ///< tcp: a name or an address, IPv6 without its brackets
  std::uint16_t port = default_port;  ///< tcp: 0 asks a listener for any free port
  std::string path;                   ///< unix: absolute, at most 107 bytes (unix(7))

  /// `tcp://host[:port]`, `unix:///path`, and for the hand `host`, `host:port`, `[::1]:4848` and `/path`.
  /// Fails with invalid_argument and a sentence that shows the forms.
  static Result<Address> parse(std::string_view text);
  /// The URL form; IPv6 in brackets.
  [[nodiscard]] std::string str() const;
  bool operator==(const Address&) const = default;
};

/// Connects. A host name is resolved and each of its addresses tried; a UNIX socket whose backlog is full (EAGAIN,
/// which Asio 1.22 takes for an error) is tried again. Fails with unavailable and the reason in words. Runs on, and
/// ends with, the io_context of the awaiting coroutine; bound the time by cancelling it.
asio::awaitable<Result<asio::generic::stream_protocol::socket>> connect_to(Address address);

}  // namespace hubbub
