// Where connections come in: one listening socket, TCP or UNIX, of our own or inherited.
//   accept(2) --> a connected, non-blocking, close-on-exec descriptor --> on_accepted
#pragma once

#include <sys/types.h>

#include <functional>
#include <memory>
#include <string>

#include "common/address.hpp"
#include "common/asio.hpp"
#include "proto/status.hpp"

namespace hubbub {

/// A connected socket on its way to its session: the descriptor is owned by whoever holds this last.
struct Accepted {
  int descriptor;
  int family;        ///< AF_INET, AF_INET6 or AF_UNIX
  std::string host;  ///< the peer's address without its port, or "unix"
};

class Listener {
 public:
  using OnAccepted = std::function<void(Accepted)>;

  /// A UNIX socket that every local user may reach: the kernel says who it is, and the folder says who may not.
  static constexpr mode_t everybody = 0666;

  /// Binds and listens. A UNIX socket that nobody answers on any more is replaced; its file gets `unix_mode`. Fails
  /// with unavailable and a sentence that says what to do.
  static Result<std::unique_ptr<Listener>> open(asio::io_context& loop, const Address& address, OnAccepted on_accepted,
                                                mode_t unix_mode = everybody);
  /// Takes a listening socket that whoever started this program has made, as by socket activation
  /// (sd_listen_fds(3)), and leaves its file where it is at the end.
  static std::unique_ptr<Listener> inherit(asio::io_context& loop, int descriptor, const Address& address,
                                           OnAccepted on_accepted);
  ~Listener();

  /// The real address: with the port that the system chose for port 0.
  [[nodiscard]] const Address& address() const { return address_; }
  /// Accepts from now on.
  void start() { wait(); }
  /// No more are accepted; those that wait are refused by the kernel. Removes a UNIX socket's file.
  void close();

 private:
  Listener(asio::io_context& loop, int descriptor, Address address, OnAccepted on_accepted, bool owns_file);
  void wait();
  void accept_some();
  void pause();

  asio::posix::stream_descriptor socket_;
  asio::steady_timer pause_;
  Address address_;
  OnAccepted on_accepted_;
  bool owns_file_;
  int spare_;  // an open descriptor to give up when there are none left
};

}  // namespace hubbub
