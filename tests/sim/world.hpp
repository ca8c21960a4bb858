// Time, chance and order of a simulation: one thread, and a list of what happens when.
//   in(delay, owner, task) --> [tasks by time] --step--> the next one, unless its owner has gone
// The same seed gives the same run. What runs in it asks nobody else for the time or for chance.
#pragma once

#include <algorithm>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>

#include "proto/ids.hpp"
#include "tests/support/dice.hpp"

namespace hubbub::sim {

/// Whoever holds this lives: tasks of one that has gone don't run.
using Life = std::shared_ptr<const bool>;
using Owner = std::weak_ptr<const bool>;
inline Life new_life() { return std::make_shared<const bool>(true); }

class World {
 public:
  using Task = std::function<void()>;

  explicit World(std::uint64_t seed) : dice_(seed) {}

  void in(std::uint64_t delay_us, const Owner& owner, Task task) { at(now_us_ + delay_us, owner, std::move(task)); }
  void at(std::uint64_t time_us, const Owner& owner, Task task) {
    tasks_.emplace(time_us, Entry{owner, std::move(task)});
  }
  /// False if there is nothing more to do.
  bool step();

  [[nodiscard]] std::uint64_t now_us() const { return now_us_; }
  /// The hub's clock, which jumps.
  [[nodiscard]] WallTime wall() const { return {wall_offset_ns_ + now_us_ * 1000}; }
  void set_clock(std::int64_t by_s) { wall_offset_ns_ += static_cast<std::uint64_t>(by_s * 1'000'000'000); }

  test::Dice& dice() { return dice_; }

  /// For whoever replays a seed.
  void tell_all() { tells_ = true; }
  void tell(const std::string& what) const;

 private:
  struct Entry {
    Owner owner;
    Task task;
  };
  std::multimap<std::uint64_t, Entry> tasks_;  // those of one moment in the order in which they were given
  std::uint64_t now_us_ = 0;
  std::uint64_t wall_offset_ns_ = 1'800'000'000'000'000'000;
  test::Dice dice_;
  bool tells_ = false;
};

/// Things that arrive in the order in which they were sent, each after a while.
class Pipe {
 public:
  explicit Pipe(World& world) : world_(world) {}
  void send(std::uint64_t delay_us, const Owner& receiver, World::Task task) {
    last_us_ = std::max(last_us_, world_.now_us() + delay_us);
    world_.at(last_us_, receiver, std::move(task));
  }

 private:
  World& world_;
  std::uint64_t last_us_ = 0;
};

}  // namespace hubbub::sim
