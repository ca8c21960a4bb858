// What a search has found, as it is shown now: the index has every text that was ever said.
//   hits --room.history of what each is or is about--> messages and their views
#pragma once

#include <vector>

#include "client/link/amendments.hpp"
#include "client/link/link.hpp"

namespace hubbub::link {

struct Found {
  Message message;        ///< with the text that it has now
  View view;              ///< shown
  bool as_found = false;  ///< that text is the one in which the words are; else an older one has them
};

/// Each message once, where it first stands among the hits: for an edit the one that it edits. Other amendments, what
/// is redacted and what is gone, with its room or alone, are left out. A call of the hub for each.
asio::awaitable<Result<std::vector<Found>>> look_up(Link& link, std::vector<Message> hits, WallTime now,
                                                    CallOptions options);

/// A page's messages, which are appended to `messages`, and what was said about them.
void take_page(const RoomName& room, const proto::RoomHistory::Reply& page, Amendments& amendments,
               std::vector<Message>& messages);

}  // namespace hubbub::link
