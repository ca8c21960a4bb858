// What was said in a room before.
#pragma once

#include <cstdint>
#include <vector>

#include "client/cli/shell.hpp"

namespace hubbub::cli {

/// The last `count` messages before `before` (zero: up to the newest), oldest first, in as many pages as it takes.
/// Fewer where the hub has no more.
asio::awaitable<Result<std::vector<link::Message>>> read_past(Shell& shell, RoomName room, Seq before,
                                                              std::uint64_t count);

}  // namespace hubbub::cli
