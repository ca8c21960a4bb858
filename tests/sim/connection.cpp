#include "tests/sim/connection.hpp"

#include "tests/sim/sim_hub.hpp"

namespace hubbub::sim {

Connection::Connection(World& world, ClientEnd& client, SimHub& hub, Owner hub_life, server::SessionRef session)
    : world_(world),
      client_(client),
      hub_(hub),
      hub_life_(std::move(hub_life)),
      session_(session),
      up_(world),
      down_(world),
      is_slow_(world.dice().one_in(4)) {}

std::uint64_t Connection::delay_us() {
  auto& dice = world_.dice();
  return is_slow_ && dice.one_in(8) ? dice.between(10'000, 1'000'000) : dice.between(20, 2'000);
}

void Connection::up(std::function<void(SimHub&)> task) {
  up_.send(delay_us(), hub_life_, [self = shared_from_this(), task = std::move(task)] { task(self->hub_); });
}

void Connection::down(std::function<void(ClientEnd&)> task) {
  if (client_life_) down_.send(delay_us(), client_life_, [this, task = std::move(task)] { task(client_); });
}

void Connection::break_off() {
  client_life_.reset();
  up([session = session_](SimHub& hub) { hub.end_session(session); });
}

void Connection::close() {
  down([](ClientEnd& client) { client.on_closed(); });
}

}  // namespace hubbub::sim
