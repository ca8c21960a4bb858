// One connection between a client and the hub, as TCP gives it: what arrives, arrives in order and once, until either
// side has gone. What a client sent before it broke off may still arrive long after it has come back on another one.
#pragma once

#include <memory>

#include "proto/messages/stream.hpp"
#include "server/core/session_ref.hpp"
#include "tests/sim/world.hpp"
#include "tests/support/history.hpp"

namespace hubbub::sim {

class SimHub;

/// What a client hears.
class ClientEnd {
 public:
  virtual ~ClientEnd() = default;
  virtual void on_registered(std::uint64_t /*epoch*/) {}
  virtual void on_published(const proto::Published&) {}
  virtual void on_refused(const proto::PublishRefused&) {}
  virtual void on_attached(Seq) {}
  virtual void on_message(Seq, const std::string& /*body*/) {}
  virtual void on_lost(Seq /*first*/, Seq /*last*/) {}
  virtual void on_closed() = 0;
};

class Connection : public std::enable_shared_from_this<Connection> {
 public:
  Connection(World& world, ClientEnd& client, SimHub& hub, Owner hub_life, server::SessionRef session);

  void up(std::function<void(SimHub&)> task);
  void down(std::function<void(ClientEnd&)> task);
  /// By the client: it hears nothing more; what it sent arrives, and then its end.
  void break_off();
  /// By the hub, or because that is gone: what it sent arrives, and then its end.
  void close();

  [[nodiscard]] server::SessionRef session() const { return session_; }

 private:
  std::uint64_t delay_us();
  World& world_;
  ClientEnd& client_;
  SimHub& hub_;
  Owner hub_life_;
  Life client_life_ = new_life();  // of the client's end of it
  const server::SessionRef session_;
  Pipe up_, down_;
  bool is_slow_;
};

}  // namespace hubbub::sim
