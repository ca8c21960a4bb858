// Another program with the client id of a producer, as where that one's data was copied. Both register again and again,
// and fence one another. It says nothing until the producer has come back and been heard in the room: from then on
// nothing that it says may be taken, though it says what would be next in line.
#pragma once

#include "tests/sim/sim_producer.hpp"

namespace hubbub::sim {

class Rival final : public SimClient {
 public:
  Rival(World& world, Address& address, const SimProducer& producer) : SimClient(world, address), producer_(producer) {}
  void start() {
    connect();
    act();
  }
  void finish() { life_.reset(); }
  [[nodiscard]] std::uint64_t fenced() const { return fenced_; }

  void on_registered(std::uint64_t epoch) override { epoch_ = epoch; }
  void on_refused(const proto::PublishRefused& refused) override {
    if (refused.why != proto::Refusal::fenced) return;
    ++fenced_;
    break_off();
  }

 private:
  void on_connected() override {
    epoch_ = 0;
    has_asked_ = false;
  }
  void act() {
    if (is_connected()) epoch_ == 0 ? ask() : say();
    world_.in(world_.dice().between(1'000, 200'000), life_, [this] { act(); });
  }
  void ask() {
    if (world_.dice().one_in(4) && !std::exchange(has_asked_, true))
      send([session = connection_->session(), client = producer_.client()](SimHub& hub) {
        hub.register_producer(session, client);
      });
  }
  void say() {
    for (const auto room : producer_.rooms())
      if (producer_.has_published_after(room, epoch_))
        send([session = connection_->session(), room, id = producer_.next(room)](SimHub& hub) {
          hub.publish(session, room, id, "what nobody should hear");
        });
  }

  const SimProducer& producer_;
  std::uint64_t epoch_ = 0;  // zero: not registered on this connection
  bool has_asked_ = false;
  std::uint64_t fenced_ = 0;
};

}  // namespace hubbub::sim
