#include "tests/sim/mutations.hpp"

#include <map>

namespace hubbub::sim {

namespace {

using server::Kept;
using server::KeptProducer;
using server::KeptRoom;

/// One window for each producer, that of the room in which it has published most, for all rooms.
void share_windows(Kept& kept) {
  std::map<ClientId, KeptProducer> of_all;
  for (const auto& room : kept.rooms)
    for (const auto& producer : room.producers) {
      auto& most = of_all[producer.client];
      if (most.last < producer.last) most = producer;
    }
  for (auto& room : kept.rooms) {
    room.producers.clear();
    for (const auto& [client, producer] : of_all) room.producers.push_back(producer);
  }
}

void trim_producers(KeptRoom& room) {
  for (auto& producer : room.producers)
    std::erase_if(producer.recent, [&](const auto& taken) { return taken.seq < room.first_kept; });
  std::erase_if(room.producers, [](const auto& producer) { return producer.recent.empty(); });
}

}  // namespace

Kept as_found_by(Mutant mutant, Kept kept) {
  if (mutant == Mutant::keeps_windows_in_memory_only)
    for (auto& room : kept.rooms) room.producers.clear();
  if (mutant == Mutant::shares_windows_between_rooms) share_windows(kept);
  if (mutant == Mutant::trims_producers_with_messages)
    for (auto& room : kept.rooms) trim_producers(room);
  return kept;
}

}  // namespace hubbub::sim
