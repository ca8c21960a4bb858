#include "client/agent/board_slots.hpp"

namespace hubbub::agent {

std::uint32_t BoardSlots::hash(std::string_view name) {
  std::uint32_t hash = 2166136261u;
  for (const char c : name) hash = (hash ^ static_cast<unsigned char>(c)) * 16777619u;
  return hash;
}

std::optional<std::size_t> BoardSlots::take(std::string_view name) {
  if (used_ == used_max(states_.size())) return std::nullopt;
  std::size_t place = hash(name) % states_.size();
  while (states_[place] == in_use) place = (place + 1) % states_.size();
  states_[place] = in_use;
  ++used_;
  return place;
}

std::vector<std::size_t> BoardSlots::free(std::size_t place) {
  --used_;
  states_[place] = free_again;
  std::vector<std::size_t> changed{place};
  if (states_[(place + 1) % states_.size()] != never_used) return changed;
  const auto before = [this](std::size_t at) { return (at + states_.size() - 1) % states_.size(); };
  for (std::size_t at = place; states_[at] == free_again; at = before(at)) {
    states_[at] = never_used;
    if (at != place) changed.push_back(at);
  }
  return changed;
}

}  // namespace hubbub::agent
