#include "tests/sim/sim_client.hpp"

namespace hubbub::sim {

void SimClient::connect() {
  auto* const hub = address_.hub();
  if (hub == nullptr) return connect_later();
  connection_ = hub->connect(*this);
  on_connected();
}

void SimClient::connect_later() {
  if (std::exchange(will_connect_, true)) return;
  world_.in(world_.dice().between(1'000, 100'000), life_, [this] {
    will_connect_ = false;
    if (!is_connected()) connect();
  });
}

void SimClient::break_off() {
  if (const auto connection = std::exchange(connection_, nullptr)) connection->break_off();
  connect_later();
}

void SimClient::on_closed() { break_off(); }

}  // namespace hubbub::sim
