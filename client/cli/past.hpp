// What was said in a room before, and what became of it.
//   pages of the room, from the end backwards --> messages and their amendments
#pragma once

#include <cstdint>
#include <vector>

#include "client/cli/shell.hpp"
#include "client/link/amendments.hpp"

namespace hubbub::cli {

struct Past {
  std::vector<link::Message> messages;  ///< oldest first
  link::Amendments amendments{SIZE_MAX};
};

/// What is counted.
enum class Counted { all, shown };

/// The last `count` messages before `before` (zero: up to the newest) that are shown now, and what lies between them,
/// in as many pages as it takes. Fewer where the hub has no more.
asio::awaitable<Result<Past>> read_past(Shell& shell, RoomName room, Seq before, std::uint64_t count, Counted counted);

}  // namespace hubbub::cli
