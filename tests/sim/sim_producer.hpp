// A program that publishes, with an outbox that outlives it, and does whatever such a program may do.
//   say --> outbox --publish, again after each break, now and then for no reason--> the hub --published--> out of it
// Some of what it sends gets lost or comes twice; it may break off, and it may crash and start again with its outbox.
#pragma once

#include <deque>
#include <map>

#include "tests/sim/sim_client.hpp"

namespace hubbub::sim {

class SimProducer final : public SimClient {
 public:
  struct Plan {
    std::uint32_t number = 0;
    std::vector<RoomId> rooms;
    bool registers = false;
    std::uint64_t pause_us_max = 20'000;  ///< between two things that it does
    std::size_t filling_bytes_max = 400;
  };
  SimProducer(World& world, Address& address, test::History& history, Plan plan);

  void start();
  /// It says nothing new from now on, and nothing that it sends gets lost.
  void finish() { finishes_ = true; }
  /// All that it has said is acknowledged, or (see has_given_up) will never be.
  [[nodiscard]] bool is_done() const;
  /// Why it can't go on, in a sentence; empty if it can.
  [[nodiscard]] const std::string& has_given_up() const { return gave_up_; }
  [[nodiscard]] std::uint64_t acknowledged() const { return acknowledged_; }
  [[nodiscard]] const std::map<proto::Refusal, std::uint64_t>& refusals() const { return refusals_; }

  [[nodiscard]] ClientId client() const;
  [[nodiscard]] const std::vector<RoomId>& rooms() const { return plan_.rooms; }
  /// The room has taken what this first said under a later epoch than that.
  [[nodiscard]] bool has_published_after(RoomId room, std::uint64_t epoch) const;
  /// The id after the last one that is known to be taken.
  [[nodiscard]] PublishId next(RoomId room) const { return PublishId{outbox_.at(room).acknowledged + 1}; }

  void on_registered(std::uint64_t epoch) override;
  void on_published(const proto::Published& published) override;
  void on_refused(const proto::PublishRefused& refused) override;

 private:
  struct Waiting {
    std::uint64_t id;
    std::string body;
  };
  struct Outbox {
    std::uint64_t said = 0;          // the newest id
    std::uint64_t acknowledged = 0;  // the newest
    std::uint64_t said_before = 0;   // the newest id when this session began
    std::uint64_t epoch_there = 0;   // with which the room has taken something
    std::deque<Waiting> waiting;
  };
  void on_connected() override;
  void act();
  void do_something();
  void say(RoomId room);
  void send_all(RoomId room);
  void send_one(RoomId room, const Waiting& one);
  void look_after(RoomId room);
  void say_again_later(RoomId room);
  void repeat_something(RoomId room);
  void crash();
  void give_up(const std::string& why);

  test::History& history_;
  const Plan plan_;
  std::map<RoomId, Outbox> outbox_;  // on its disk
  std::map<RoomId, bool> looked_after_, will_say_again_;
  bool may_publish_ = false;
  std::uint64_t epoch_ = 0;
  bool finishes_ = false;
  std::string gave_up_;
  std::uint64_t acknowledged_ = 0;
  std::map<proto::Refusal, std::uint64_t> refusals_;
};

}  // namespace hubbub::sim
