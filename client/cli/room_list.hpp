// All rooms that match a pattern, page by page.
#pragma once

#include <vector>

#include "client/cli/shell.hpp"

namespace hubbub::cli {

asio::awaitable<Result<std::vector<proto::RoomInfo>>> list_rooms(Shell& shell, Pattern pattern);

}  // namespace hubbub::cli
