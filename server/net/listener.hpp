// Where connections come in, and who may: one listening socket, on core 0.
//   accept(2) --Doorkeeper: in all, per address--> a Stream for some core, with or without a reason to close it
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <unordered_map>

#include "common/address.hpp"
#include "common/asio.hpp"
#include "proto/messages/session.hpp"
#include "server/config.hpp"

namespace hubbub::server {

/// Counts connections in all and per address.
class Doorkeeper {
 public:
  explicit Doorkeeper(const Config::Limits& limits) : limits_(limits) {}

  /// Counts one more from `host`; a reason if it is one too many (it is counted all the same, until it has gone).
  std::optional<proto::CloseReason> enter(const std::string& host);
  void leave(const std::string& host);
  /// So many too many that there is no use even in telling them.
  [[nodiscard]] bool crowded() const;
  void set_limits(const Config::Limits& limits) { limits_ = limits; }

 private:
  Config::Limits limits_;
  std::size_t inside_ = 0;
  std::unordered_map<std::string, std::size_t> by_host_;
};

/// A connected socket on its way to a core: the descriptor is owned by whoever holds this last.
struct Accepted {
  int descriptor;
  int family;        ///< AF_INET, AF_INET6 or AF_UNIX
  std::string host;  ///< the peer's address without its port, or "unix"
};

class Listener {
 public:
  using OnAccepted = std::function<void(Accepted)>;

  /// Binds and listens. A UNIX socket that nobody answers on any more is replaced. Fails with unavailable and a
  /// sentence that says what to do.
  static Result<std::unique_ptr<Listener>> open(asio::io_context& loop, const Address& address, OnAccepted on_accepted);
  ~Listener();

  /// The real address: with the port that the system chose for port 0.
  [[nodiscard]] const Address& address() const { return address_; }
  /// Accepts from now on.
  void start() { wait(); }
  /// No more are accepted; those that wait are refused by the kernel. Removes a UNIX socket's file.
  void close();

 private:
  Listener(asio::io_context& loop, int descriptor, Address address, OnAccepted on_accepted);
  void wait();
  void accept_some();
  void pause();

  asio::posix::stream_descriptor socket_;
  asio::steady_timer pause_;
  Address address_;
  OnAccepted on_accepted_;
  int spare_;  // an open descriptor to give up when there are none left
};

}  // namespace hubbub::server
