// The last will of a command: what the hub posts if the command vanishes, as by a crash or with its host.
//   --will ROOM:TEXT --leave--> the hub --the connection is lost for good--> the room
// One that ends by itself, or is ended by a signal that it can catch, takes it back.
#pragma once

#include <optional>

#include "client/cli/shell.hpp"

namespace hubbub::cli {

class WillOption {
 public:
  void declare(Syntax& syntax);
  [[nodiscard]] bool wanted() const { return will_.has_value(); }
  /// Nothing where none is wanted. REQUIRES: a session of its own at the hub.
  asio::awaitable<Result<void>> leave(Shell& shell) const;
  /// In little time, or not.
  asio::awaitable<void> take_back(Shell& shell) const;

 private:
  std::optional<proto::SessionWill> will_;
};

}  // namespace hubbub::cli
