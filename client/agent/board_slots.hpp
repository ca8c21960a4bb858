// Which place of a table a name gets, so that a search from its hash on finds it (Knuth, TAOCP 3, 6.4: linear probing).
//   take("alice") --> the first place from hash % size on that is free        free(place) --> those whose state has
//   changed
// A name stays where it is: readers that search meanwhile never miss it. Pure: knows nothing of shared memory.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

namespace hubbub::agent {

class BoardSlots {
 public:
  /// As hubbub_person::state and hubbub_room::state.
  enum State : std::uint8_t { never_used, in_use, free_again };

  explicit BoardSlots(std::size_t size) : states_(size, never_used) {}

  /// Nothing if the table is as full as it may get. REQUIRES: the name has no place yet.
  std::optional<std::size_t> take(std::string_view name);
  /// Returns the places whose state is another one now: this one and, where no search has to pass them any more, those
  /// before it.
  std::vector<std::size_t> free(std::size_t place);

  [[nodiscard]] State state(std::size_t place) const { return states_[place]; }
  [[nodiscard]] std::size_t used() const { return used_; }
  [[nodiscard]] std::size_t size() const { return states_.size(); }

  /// Three quarters of the places: beyond that, searches get long.
  static constexpr std::size_t used_max(std::size_t size) { return size / 4 * 3; }
  /// FNV-1a, 32 bits.
  static std::uint32_t hash(std::string_view name);

 private:
  std::vector<State> states_;
  std::size_t used_ = 0;
};

}  // namespace hubbub::agent
