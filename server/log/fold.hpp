// What runs of publishes make of the producers of a room: the same as server/log's window makes of the publishes
// themselves.
//   KeptProducers --PublishRun, in the order of seqs--> KeptProducers
// Pure.
#pragma once

#include <span>
#include <unordered_map>
#include <vector>

#include "server/log/records.hpp"

namespace hubbub::server {

using ProducersByClient = std::unordered_map<ClientId, KeptProducer>;

/// REQUIRES: producers has what it knew before the first run. Keeps the newest producer_window of each; all producers,
/// however many.
void fold(ProducersByClient& producers, std::span<const PublishRun> runs);

/// The newest producers_per_room_max of them, the one that published longest ago first.
std::vector<KeptProducer> by_age(ProducersByClient producers);

}  // namespace hubbub::server
