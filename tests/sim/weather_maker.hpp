// What goes wrong around the hub, and when: by the dice.
#pragma once

#include "tests/sim/sim_store.hpp"
#include "tests/sim/simulation.hpp"

namespace hubbub::sim {

class WeatherMaker {
 public:
  struct Plan {
    bool power_goes = false;     ///< or only the program is killed
    std::uint64_t pause_us = 0;  ///< between two things that go wrong, at most
  };
  WeatherMaker(World& world, test::FaultyDisk& disk, Plan plan) : world_(world), disk_(disk), plan_(plan) {}

  void start() { next(); }
  /// All is well from now on.
  void finish();
  /// `kill` ends the hub at once.
  void on_sudden_end(std::function<void()> kill) { kill_ = std::move(kill); }
  [[nodiscard]] const Weather& weather() const { return weather_; }
  [[nodiscard]] const Met& met() const { return met_; }

 private:
  void next();
  void let_something_go_wrong();
  void end();
  void fill_disk();
  void set_read_only();
  void fail_syncs();
  void slow_disk();
  void jump();
  void later_undo(std::function<void()> what);

  World& world_;
  test::FaultyDisk& disk_;
  const Plan plan_;
  Weather weather_;
  Met met_;
  std::function<void()> kill_;
  Life life_ = new_life();
};

}  // namespace hubbub::sim
