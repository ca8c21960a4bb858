// A road to a hub that can be cut: passes bytes both ways, in a thread of its own.
#pragma once

#include <atomic>
#include <memory>
#include <set>
#include <string>
#include <thread>

#include "common/address.hpp"
#include "common/asio.hpp"

namespace hubbub::link {

class Relay {
 public:
  explicit Relay(Address hub);
  ~Relay();
  Relay(const Relay&) = delete;
  Relay& operator=(const Relay&) = delete;

  [[nodiscard]] std::string url() const;
  /// Breaks every connection that is there, with whatever is under way on it.
  void cut();
  /// The same, and nobody comes through from then on; or everybody again.
  void close();
  void open() { closed_ = false; }
  /// How many there have been.
  [[nodiscard]] std::size_t connections() const { return connections_; }

 private:
  using Socket = asio::generic::stream_protocol::socket;
  using Shared = std::shared_ptr<Socket>;

  void spawn_accept();
  asio::awaitable<void> accept();
  asio::awaitable<void> join(Shared client);
  asio::awaitable<void> pass(Shared from, Shared to);

  asio::io_context loop_{1};
  Address hub_;
  asio::ip::tcp::acceptor acceptor_;
  std::set<Shared> ends_;
  std::atomic<bool> closed_ = false;
  std::atomic<std::size_t> connections_ = 0;
  std::thread thread_;
};

}  // namespace hubbub::link
