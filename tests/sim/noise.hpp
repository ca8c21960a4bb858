// Somebody who publishes without ids into a room that nobody judges, so that other things lie between what is judged.
#pragma once

#include "tests/sim/sim_client.hpp"

namespace hubbub::sim {

class Noise final : public SimClient {
 public:
  Noise(World& world, Address& address, RoomId room) : SimClient(world, address), room_(room) {}
  void start() {
    connect();
    act();
  }
  void finish() { life_.reset(); }

 private:
  void on_connected() override {}
  void act() {
    if (is_connected())
      send([session = connection_->session(), room = room_, body = std::string(world_.dice().below(3'000), 'n')](
               SimHub& hub) { hub.publish(session, room, {}, body); });
    world_.in(world_.dice().between(1'000, 100'000), life_, [this] { act(); });
  }
  const RoomId room_;
};

}  // namespace hubbub::sim
