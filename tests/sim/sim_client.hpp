// What producers and readers of a simulation have in common: they come back, whatever happens to their connection.
#pragma once

#include "tests/sim/sim_hub.hpp"

namespace hubbub::sim {

/// The hub as a client finds it: there, or not.
class Address {
 public:
  virtual ~Address() = default;
  virtual SimHub* hub() = 0;
};

class SimClient : public ClientEnd {
 public:
  SimClient(World& world, Address& address) : world_(world), address_(address) {}

  void connect();
  /// The connection breaks, as this side sees it.
  void break_off();
  void on_closed() override;

 protected:
  virtual void on_connected() = 0;
  [[nodiscard]] bool is_connected() const { return connection_ != nullptr; }
  /// What is sent now, to this hub.
  void send(std::function<void(SimHub&)> task) { connection_->up(std::move(task)); }
  void connect_later();

  World& world_;
  std::shared_ptr<Connection> connection_;
  Life life_ = new_life();

 private:
  Address& address_;
  bool will_connect_ = false;
};

}  // namespace hubbub::sim
