// What there is to know of a traced message: its stamps, and the hub's own times of it.
#pragma once

#include <vector>

#include "client/cli/shell.hpp"
#include "client/cli/trace_path.hpp"

namespace hubbub::cli {

/// Asks the hub for its part; where it can't tell, says so on stderr and leaves it out.
asio::awaitable<std::vector<Hop>> trace_path(Shell& shell, link::Message message);

/// Of a message that was said just now and is number `seq`, zero where that isn't known: its way as far as the readers,
/// to stdout.
asio::awaitable<Result<void>> show_way_out(Shell& shell, RoomName room, Seq seq);

}  // namespace hubbub::cli
