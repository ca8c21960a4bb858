// What a hub reads at its start: everything but the messages.
//   the database --load--> Kept --> Directory, Rooms
#pragma once

#include <string>

#include "server/log/records.hpp"

namespace hubbub::server::sqlite {

/// One snapshot. Costs a few seeks for each room and what its producers have published since they were last folded.
/// REQUIRES: the database was made (see Writer::open).
Result<Kept> load(const std::string& path, const std::string& vfs = {});

}  // namespace hubbub::server::sqlite
