// Pages of a room: what was said, and what was said about it later.
//   history --read_page--> messages ┐
//   pins    --read_pins--> messages ┴--reply_page--> amendments of these --> one reply
#include <algorithm>

#include "proto/codec.hpp"
#include "proto/erase.hpp"
#include "proto/methods/messages.hpp"
#include "server/rooms/room.hpp"

namespace hubbub::server {

namespace {

/// What is read for a page of history at once: several pages, or one message of any size.
constexpr std::size_t page_read_bytes_max = 8u << 20;
static_assert(page_read_bytes_max >= 2 * limits::frame_bytes_max);

/// Bytes that a message takes in a reply.
std::size_t bytes_in_reply(std::string_view payload) { return payload.size() + sizeof(std::uint32_t); }

std::size_t bytes_in_reply(const std::vector<std::string>& payloads) {
  std::size_t bytes = 0;
  for (const auto& payload : payloads) bytes += bytes_in_reply(payload);
  return bytes;
}

/// Leaves out the oldest until the rest fits, but for the newest one.
void cut_from_front(std::vector<std::string>& payloads, std::size_t bytes_max) {
  auto bytes = bytes_in_reply(payloads);
  auto first = payloads.begin();
  for (; bytes > bytes_max && first != payloads.end() - 1; ++first) bytes -= bytes_in_reply(*first);
  payloads.erase(payloads.begin(), first);
}

std::vector<proto::Blob> to_blobs(std::vector<std::string> payloads) {
  std::vector<proto::Blob> blobs;
  blobs.reserve(payloads.size());
  for (auto& payload : payloads) blobs.push_back({std::move(payload)});
  return blobs;
}

}  // namespace

/// What a reply will hold.
struct Room::Page {
  Seq first_kept;
  std::vector<std::string> messages;
};

void Room::history(SessionRef session, CallId call, Seq before, std::uint16_t limit) {
  const Seq end = before.value == 0 ? last() : std::min(before.previous(), last());
  const std::uint64_t wanted = std::min<std::uint64_t>({limit, limits::history_page_messages_max, end.value});
  read_page(session, call, Seq{end.value - wanted + 1}, end);
}

/// A page ends at `end`, but a log is read from its beginning: where so many messages are too large to be read at once,
/// half as many are asked for.
void Room::read_page(SessionRef session, CallId call, Seq from, Seq end) {
  log_->read(from, end, page_read_bytes_max, [this, session, call, from, end](const LogRead& found) {
    const bool is_whole = found.slices.empty() || found.slices.back().last >= end;
    if (is_whole || found.error) return amend_page(session, call, found);
    read_page(session, call, Seq{from.value + (end.value - from.value + 1) / 2}, end);
  });
}

void Room::amend_page(SessionRef session, CallId call, const LogRead& found) {
  if (found.error) return outlet_.reply(session, call, found.error->status, found.error->sentence);
  Page page{last().value == 0 ? Seq{} : found.first_kept, {}};
  for (const auto& slice : found.slices)
    for_each_payload(slice, [&](std::string_view payload) { page.messages.emplace_back(payload); });
  if (page.messages.empty()) return reply_page(session, call, std::move(page), {});
  cut_from_front(page.messages, limits::history_page_bytes_max);
  const auto newest_of_page = found.slices.back().last;
  const Seq oldest{newest_of_page.value - page.messages.size() + 1};
  reply_page(session, call, std::move(page), {{oldest, newest_of_page}});
}

/// What was said about the messages within the page itself is there already. REQUIRES: `targets` are ascending.
void Room::reply_page(SessionRef session, CallId call, Page page, std::vector<AmendmentsWish::Range> targets) {
  const auto answer = [this, session, call](Page done, std::vector<std::string> amendments) {
    cut_from_front(amendments, limits::amendments_bytes_max);
    const auto room_for_messages = limits::history_page_bytes_max - bytes_in_reply(amendments);
    if (!done.messages.empty()) cut_from_front(done.messages, room_for_messages);
    if (bytes_in_reply(done.messages) > room_for_messages) amendments.clear();  // one message fills the page
    const proto::RoomHistory::Reply reply{done.first_kept, last(), to_blobs(std::move(done.messages)),
                                          to_blobs(std::move(amendments))};
    std::string result;
    proto::encode_value(reply, result);
    outlet_.reply(session, call, Status::ok, std::move(result));
  };
  if (targets.empty()) return answer(std::move(page), {});
  const bool is_run = targets.size() == 1;
  AmendmentsWish wish{std::move(targets), {}, limits::amendments_bytes_max};
  if (is_run) wish.behind = wish.targets.front().last;
  log_->amendments(std::move(wish), [=, this, page = std::move(page)](Result<std::vector<std::string>> found) mutable {
    if (!found) return outlet_.reply(session, call, found.error().status, found.error().sentence);
    answer(std::move(page), *std::move(found));
  });
}

// ── pins ─────────────────────────────────────────────────────────────────────────────────────────────────────────────

/// Read one after the other: they may lie anywhere.
struct Room::Pins {
  SessionRef session;
  CallId call;
  std::vector<Seq> left;  ///< the next one last
  Page page;
  std::size_t bytes = 0;
  std::vector<AmendmentsWish::Range> targets;
};

void Room::pins(SessionRef session, CallId call) {
  log_->pinned([this, session, call](Result<std::vector<Seq>> found) {
    if (!found) return outlet_.reply(session, call, found.error().status, found.error().sentence);
    auto& pinned = *found;
    if (pinned.size() > limits::history_page_messages_max)  // the newest of them
      pinned.erase(pinned.begin(), pinned.end() - limits::history_page_messages_max);
    std::ranges::reverse(pinned);
    read_pins(std::make_shared<Pins>(Pins{session, call, std::move(pinned), {first_kept(), {}}, 0, {}}));
  });
}

void Room::read_pins(const std::shared_ptr<Pins>& pins) {
  const auto room_for_messages = limits::history_page_bytes_max - limits::amendments_bytes_max;
  if (pins->left.empty() || pins->bytes > room_for_messages)
    return reply_page(pins->session, pins->call, std::move(pins->page), std::move(pins->targets));
  const auto seq = pins->left.back();
  pins->left.pop_back();
  log_->read(seq, seq, 1, [this, pins, seq](const LogRead& found) {
    if (found.error) return outlet_.reply(pins->session, pins->call, found.error->status, found.error->sentence);
    for (const auto& slice : found.slices)
      for_each_payload(slice, [&](std::string_view payload) {
        if (slice.first != seq || proto::is_erased(payload)) return;
        pins->bytes += bytes_in_reply(payload);
        pins->page.messages.emplace_back(payload);
        pins->targets.push_back({seq, seq});
      });
    read_pins(pins);
  });
}

}  // namespace hubbub::server
