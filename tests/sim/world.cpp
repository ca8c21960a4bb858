#include "tests/sim/world.hpp"

#include <cstdio>

namespace hubbub::sim {

bool World::step() {
  while (!tasks_.empty()) {
    auto next = tasks_.extract(tasks_.begin());
    now_us_ = next.key();
    const auto owner = next.mapped().owner.lock();
    if (!owner) continue;
    next.mapped().task();
    return true;
  }
  return false;
}

void World::tell(const std::string& what) const {
  if (tells_) std::printf("%9.3f ms  %s\n", static_cast<double>(now_us_) / 1000, what.c_str());
}

}  // namespace hubbub::sim
