#include "client/cli/past.hpp"

#include <algorithm>

namespace hubbub::cli {

namespace {

/// Appends the page's messages, newest first.
void append_backwards(const RoomName& room, const proto::RoomHistory::Reply& page,
                      std::vector<link::Message>& messages) {
  for (auto payload = page.messages.rbegin(); payload != page.messages.rend(); ++payload)
    if (auto message = link::decode_message(room, payload->bytes)) messages.push_back(*std::move(message));
}

}  // namespace

asio::awaitable<Result<std::vector<link::Message>>> read_past(Shell& shell, RoomName room, Seq before,
                                                              std::uint64_t count) {
  std::vector<link::Message> messages;
  proto::RoomHistory question;
  question.room = room;
  question.before = before;
  while (messages.size() < count) {
    question.limit =
        static_cast<std::uint16_t>(std::min<std::uint64_t>(count - messages.size(), limits::history_page_messages_max));
    const auto page = co_await shell.link.call(question, shell.call_options());
    if (!page) co_return tl::unexpected(page.error());
    const auto had = messages.size();
    append_backwards(room, *page, messages);
    if (messages.size() == had || messages.back().seq <= page->first) break;
    question.before = messages.back().seq;
  }
  std::ranges::reverse(messages);
  co_return messages;
}

}  // namespace hubbub::cli
