#include "client/link/found.hpp"

#include <algorithm>
#include <optional>

namespace hubbub::link {

namespace {

asio::awaitable<Result<std::optional<Found>>> look_up_one(Link& link, RoomName room, Seq seq, WallTime now,
                                                          CallOptions options) {
  proto::RoomHistory question;
  question.room = room;
  question.before = seq.next();
  question.limit = 1;
  const auto page = co_await link.call(question, options);
  if (!page) co_return tl::unexpected(page.error());
  Amendments amendments;
  std::vector<Message> messages;
  take_page(room, *page, amendments, messages);
  std::optional<Found> found;
  if (messages.empty() || messages.back().seq != seq) co_return found;
  auto view = amendments.view(messages.back(), now);
  if (view.standing != Standing::shown) co_return found;
  found = Found{shown_as(std::move(messages.back()), view), std::move(view)};
  co_return found;
}

}  // namespace

asio::awaitable<Result<std::vector<Found>>> look_up(Link& link, std::vector<Message> hits, WallTime now,
                                                    CallOptions options) {
  std::vector<Found> list;
  for (const auto& hit : hits) {
    const auto amendment = amendment_of(hit);
    if (amendment && amendment->what != proto::Amends::edit) continue;
    const auto seq = amendment ? amendment->target : hit.seq;
    auto known = std::ranges::find_if(
        list, [&](const Found& one) { return one.message.room == hit.room && one.message.seq == seq; });
    if (known == list.end()) {
      auto found = co_await look_up_one(link, hit.room, seq, now, options);
      if (!found) co_return tl::unexpected(found.error());
      if (!*found) continue;
      known = list.insert(known, **std::move(found));
    }
    const auto shown = known->view.edited ? known->view.edited->seq : seq;
    known->as_found = known->as_found || hit.seq == shown;
  }
  co_return list;
}

void take_page(const RoomName& room, const proto::RoomHistory::Reply& page, Amendments& amendments,
               std::vector<Message>& messages) {
  for (const auto& payload : page.amendments)
    if (const auto message = decode_message(room, payload.bytes)) amendments.take(*message);
  for (const auto& payload : page.messages) {
    auto message = decode_message(room, payload.bytes);
    if (!message) continue;
    amendments.take(*message);
    messages.push_back(*std::move(message));
  }
}

}  // namespace hubbub::link
