// Chance that a seed decides: the same seed gives the same throws on every machine.
#pragma once

#include <cstdint>

namespace hubbub::test {

/// SplitMix64.
class Dice {
 public:
  explicit Dice(std::uint64_t seed) : state_(seed) {}

  std::uint64_t bits() {
    state_ += 0x9e3779b97f4a7c15U;
    auto mixed = state_;
    mixed = (mixed ^ (mixed >> 30)) * 0xbf58476d1ce4e5b9U;
    mixed = (mixed ^ (mixed >> 27)) * 0x94d049bb133111ebU;
    return mixed ^ (mixed >> 31);
  }
  /// 0 … `bound` - 1. REQUIRES: bound > 0.
  std::uint64_t below(std::uint64_t bound) { return bits() % bound; }
  std::uint64_t between(std::uint64_t least, std::uint64_t most) { return least + below(most - least + 1); }
  bool one_in(std::uint64_t chances) { return below(chances) == 0; }
  /// Another sequence, so that one part's throws don't depend on how many another part makes.
  Dice fork() { return Dice(bits()); }

 private:
  std::uint64_t state_;
};

}  // namespace hubbub::test
