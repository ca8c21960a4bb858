#include "client/cli/room_list.hpp"

#include <algorithm>
#include <iterator>

namespace hubbub::cli {

asio::awaitable<Result<std::vector<proto::RoomInfo>>> list_rooms(Shell& shell, Pattern pattern) {
  std::vector<proto::RoomInfo> rooms;
  proto::RoomList question;
  question.pattern = std::move(pattern);
  while (true) {
    auto page = co_await shell.link.call(question, shell.call_options());
    if (!page) co_return tl::unexpected(page.error());
    std::ranges::move(page->rooms, std::back_inserter(rooms));
    if (!page->more || page->rooms.empty()) co_return rooms;
    question.after = Text::literal(rooms.back().name.str());
  }
}

}  // namespace hubbub::cli
