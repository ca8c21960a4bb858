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
  link::Amendments amendments;
  Seq last;  ///< the newest that was looked at, whether it is shown or not
};

/// What is counted.
enum class Counted { all, shown };

/// The last `count` messages before `before` (zero: up to the newest), or those of them that are shown now, in as many
/// pages as it takes. Fewer where the hub has no more. Beside them only the amendments are kept, within their bounds.
asio::awaitable<Result<Past>> read_past(Shell& shell, RoomName room, Seq before, std::uint64_t count, Counted counted);

}  // namespace hubbub::cli
