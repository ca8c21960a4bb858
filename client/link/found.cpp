#include "client/link/found.hpp"

#include <algorithm>
#include <optional>

namespace hubbub::link {

namespace {

proto::RoomHistory question_about(const RoomName& room, Seq seq) {
  proto::RoomHistory question;
  question.room = room;
  question.before = seq.next();
  question.limit = 1;
  return question;
}

/// As the page of that message has it; nothing if it isn't there, or not shown.
std::optional<Found> found_in(const proto::RoomHistory::Reply& page, const RoomName& room, Seq seq, WallTime now) {
  Amendments amendments;
  std::vector<Message> messages;
  take_page(room, page, amendments, messages);
  if (messages.empty() || messages.back().seq != seq) return std::nullopt;
  auto view = amendments.view(messages.back(), now);
  if (view.standing != Standing::shown) return std::nullopt;
  return Found{shown_as(std::move(messages.back()), view), std::move(view)};
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
      auto question = question_about(hit.room, seq);
      const auto page = co_await link.call(std::move(question), options);
      if (!page && page.error().status == Status::not_found) continue;  // its room is gone since
      if (!page) co_return tl::unexpected(page.error());
      auto found = found_in(*page, hit.room, seq, now);
      if (!found) continue;
      known = list.insert(list.end(), *std::move(found));
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
