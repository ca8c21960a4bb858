// What edit, react and pin have in common: they look at a message, and say something about it in its room.
//   SEQ --room.history--> the message, which is there and can be amended --> a notice with its mark
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "client/cli/shell.hpp"
#include "client/link/amendments.hpp"

namespace hubbub::cli {

/// The message of that seq. Fails with not_found where the room doesn't have it (any more), and with
/// failed_precondition where it is about another message itself.
asio::awaitable<Result<link::Message>> read_target(Shell& shell, RoomName room, Seq seq);

/// Says it, and waits for the acknowledgement. Returns the exit code.
asio::awaitable<int> amend(Shell& shell, RoomName room, link::Amendment amendment, std::string body);

/// The operands ROOM and SEQ.
struct Target {
  RoomName room;
  std::optional<std::uint64_t> number;
  void declare(Syntax& syntax, std::string_view help);
  [[nodiscard]] Seq seq() const { return Seq{number.value_or(0)}; }
};

}  // namespace hubbub::cli
