// How many messages to ask room.history for at once. A page ends where the newest of what was asked for ends, and holds
// no more than a frame: asked for more than that, it leaves out the first, which are the ones that come next.
//   a page that left some out --> as many as it held          one that was not half full --> twice as many
// So large messages aren't read over and over to get at the few before them. Pure.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>

#include "proto/limits.hpp"
#include "proto/methods/rooms.hpp"

namespace hubbub::link {

class HistoryWindow {
 public:
  [[nodiscard]] std::uint64_t messages() const { return messages_; }

  void left_some_out(const proto::RoomHistory::Reply& page) {
    messages_ = std::max<std::uint64_t>(1, std::min<std::uint64_t>(page.messages.size(), messages_));
  }
  void held_all(const proto::RoomHistory::Reply& page) {
    std::size_t bytes = 0;
    for (const auto& message : page.messages) bytes += message.bytes.size();
    if (2 * bytes < limits::history_page_bytes_max)
      messages_ = std::min<std::uint64_t>(2 * messages_, limits::history_page_messages_max);
  }

 private:
  std::uint64_t messages_ = limits::history_page_messages_max;
};

}  // namespace hubbub::link
