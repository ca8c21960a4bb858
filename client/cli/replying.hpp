// --reply-to SEQ of say and pub.
//   SEQ --room.history--> the message, which may be a reply itself --> headers of what is said
#pragma once

#include <cstdint>
#include <optional>

#include "client/cli/shell.hpp"

namespace hubbub::cli {

/// The message of that seq. Fails with not_found, and says what the room has instead.
asio::awaitable<Result<link::Message>> read_message(Shell& shell, RoomName room, Seq seq);

class Replying {
 public:
  void declare(Syntax& syntax);
  [[nodiscard]] bool wanted() const { return seq_.has_value(); }
  /// Puts the headers into `message`, if they are wanted. Fails where the room doesn't have what is answered; where the
  /// hub is away and can't be asked, the message is of the thread that what it answers began or belongs to.
  asio::awaitable<Result<void>> address(Shell& shell, link::Outgoing& message) const;

 private:
  std::optional<std::uint64_t> seq_;
};

}  // namespace hubbub::cli
