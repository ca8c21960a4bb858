// A program that reads a room: it goes on where it was, over every break; or begins anew, as another reader, when it
// has crashed.
#pragma once

#include "tests/sim/sim_client.hpp"

namespace hubbub::sim {

class SimReader final : public SimClient {
 public:
  SimReader(World& world, Address& address, test::History& history, std::uint32_t number, RoomId room)
      : SimClient(world, address), history_(history), number_(number), room_(room) {}

  void start();
  void finish() { finishes_ = true; }
  [[nodiscard]] Seq next() const { return next_; }
  [[nodiscard]] RoomId room() const { return room_; }
  [[nodiscard]] std::uint64_t received() const { return received_; }
  [[nodiscard]] std::uint64_t lost() const { return lost_; }

  void on_attached(Seq next) override;
  void on_message(Seq seq, const std::string& body) override;
  void on_lost(Seq first, Seq last) override;

 private:
  void on_connected() override;
  void act();
  void crash();

  static constexpr std::uint32_t lives_max = 1000;
  test::History& history_;
  const std::uint32_t number_;
  const RoomId room_;
  std::uint32_t lives_ = 0;
  Seq next_{1};
  bool has_begun_ = false, finishes_ = false;
  std::uint64_t received_ = 0, lost_ = 0;
  [[nodiscard]] std::uint32_t reader() const { return number_ * lives_max + lives_; }
};

}  // namespace hubbub::sim
