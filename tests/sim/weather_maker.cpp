#include "tests/sim/weather_maker.hpp"

namespace hubbub::sim {

using test::FaultyDisk;

void WeatherMaker::next() {
  world_.in(world_.dice().between(1'000, plan_.pause_us), life_, [this] {
    let_something_go_wrong();
    next();
  });
}

void WeatherMaker::finish() {
  life_.reset();
  weather_ = {};
  disk_.set_capacity(SIZE_MAX);
  disk_.fail_syncs(0);
  disk_.set_read_only(false);
}

void WeatherMaker::let_something_go_wrong() {
  switch (world_.dice().below(10)) {
    case 0:
    case 1:
    case 2: return end();
    case 3:
    case 4: return fill_disk();
    case 5:
    case 6: return fail_syncs();
    case 7: return set_read_only();
    case 8: return slow_disk();
    default: return jump();
  }
}

/// At once, or in the middle of one of the next operations of the disk.
void WeatherMaker::end() {
  const bool power = plan_.power_goes && world_.dice().one_in(2);
  ++(power ? met_.power_cuts : met_.hubs_killed);
  if (world_.dice().one_in(3)) {
    world_.tell(power ? "the power goes" : "the hub is killed");
    power ? disk_.cut_power() : disk_.kill_program();
    return kill_();
  }
  ++met_.ended_in_the_middle;
  world_.tell(power ? "the power will go" : "the hub will be killed");
  disk_.end_in(world_.dice().between(1, 40), power ? FaultyDisk::Ending::power_cut : FaultyDisk::Ending::killed);
}

void WeatherMaker::later_undo(std::function<void()> what) {
  world_.in(world_.dice().between(10'000, 1'500'000), life_, std::move(what));
}

void WeatherMaker::fill_disk() {
  ++met_.full_disks;
  world_.tell("the disk is full");
  disk_.set_capacity(disk_.bytes_used() + world_.dice().below(20'000));
  later_undo([this] { disk_.set_capacity(SIZE_MAX); });
}

void WeatherMaker::set_read_only() {
  ++met_.read_only_disks;
  world_.tell("the disk is read-only");
  disk_.set_read_only(true);
  later_undo([this] { disk_.set_read_only(false); });
}

void WeatherMaker::fail_syncs() {
  ++met_.failed_syncs;
  world_.tell("syncs fail");
  disk_.fail_syncs(static_cast<unsigned>(world_.dice().between(1, 4)));
}

void WeatherMaker::slow_disk() {
  ++met_.slow_disks;
  world_.tell("the disk is slow");
  weather_.disk_is_slow = true;
  later_undo([this] { weather_.disk_is_slow = false; });
}

void WeatherMaker::jump() {
  ++met_.clock_jumps;
  world_.tell("the clock jumps");
  world_.set_clock(world_.dice().one_in(2) ? 3600 : -3600);
}

}  // namespace hubbub::sim
