// What a hub reads at its start: everything but the messages.
//   the database --load--> Kept --> Directory, Rooms
#pragma once

#include <string>

#include "server/limits.hpp"
#include "server/log/records.hpp"

namespace hubbub::server::sqlite {

/// One snapshot. Costs a few seeks for each room and what its producers have published since they were last folded.
/// Keeps `producer_seqs_max` seqs of what producers published, and the newest of each beyond that. REQUIRES: the
/// database was made (see Writer::open).
Result<Kept> load(const std::string& path, const std::string& vfs = {},
                  std::size_t producer_seqs_max = bounds::producer_seqs_per_core_max);

}  // namespace hubbub::server::sqlite
