#include "client/link/ring_stream.hpp"

#include <algorithm>
#include <utility>

#include "client/link/trace.hpp"
#include "proto/codec.hpp"

namespace hubbub::link {

bool RingStream::wanted(const RoomName& room) const {
  return std::ranges::any_of(patterns_, [&](const Pattern& pattern) { return matches(pattern, room); });
}

RingStream::Room* RingStream::find(RoomId id) const {
  const auto found = by_id_.find(id);
  return found == by_id_.end() ? nullptr : found->second;
}

/// One that is new begins with `next`.
RingStream::Room& RingStream::room(const RoomName& name, RoomId id, Seq next) {
  auto& found = rooms_[name];
  if (!found) {
    found = std::make_unique<Room>(Room{name, next, next, {}});
    events_.push_back(RoomAttached{name, next, next.previous(), false});
  }
  by_id_[id] = found.get();
  return *found;
}

void RingStream::reset(Room& room, Seq next) {
  std::erase(behind_, &room);
  room = {std::move(room.name), next, next, {}};
}

/// There are messages up to `head`, and they don't come out of the ring.
void RingStream::see(Room& room, Seq head) {
  const bool was_behind = room.next < room.head;
  room.head = std::max(room.head, head);
  if (!was_behind && room.next < room.head) behind_.push_back(&room);
}

void RingStream::lose(Room& room, Seq last) {
  if (last < room.next) return;
  events_.push_back(Gap{room.name, room.next, last});
  room.next = last.next();
  room.head = std::max(room.head, room.next);
}

std::optional<Incoming> RingStream::take_event() {
  if (events_.empty()) return std::nullopt;
  auto event = std::move(events_.front());
  events_.pop_front();
  return event;
}

// ── out of the ring ──────────────────────────────────────────────────────────────────────────────────────────────────

void RingStream::begin(const std::vector<Place>& places) {
  by_id_.clear();
  for (const auto& place : places) {
    const Seq first = from_ == Seq{} ? place.next : std::min(from_, place.next);
    auto& room = this->room(place.room, place.id, begun_ ? std::min(Seq{1}, place.next) : first);
    if (place.next < room.next) reset(room, Seq{1});  // it has begun anew
    see(room, place.next);
  }
  begun_ = true;
}

bool RingStream::take(std::string_view frame) {
  if (frame.size() < proto::frame_header_bytes) return false;
  const auto header = proto::read_frame_header(frame.data());
  const auto payload = frame.substr(proto::frame_header_bytes);
  if (header.payload_bytes != payload.size()) return false;
  switch (header.type) {
    case proto::Delivery::type: return on_delivery(payload);
    case proto::Attached::type: return on_attached(payload);
    case proto::Lost::type: return on_lost(payload);
    case proto::Event::type: return on_event(payload);
    default: return true;  // a newer agent's
  }
}

/// Most messages may be of rooms that nobody here asked for: they are told by their first bytes.
bool RingStream::on_delivery(std::string_view payload) {
  if (payload.size() < sizeof(RoomId)) return false;
  const auto id = proto::decode_value<RoomId>(payload.substr(0, sizeof(RoomId)));
  auto* const room = id ? find(*id) : nullptr;
  if (room == nullptr) return id.has_value();
  auto message = decode_message(room->name, payload);
  if (!message) return false;
  if (message->seq < room->next) return true;
  if (message->seq > room->next || room->next < room->head) return see(*room, message->seq.next()), true;
  room->next = room->head = message->seq.next();
  if (message->traced) add_stamp(message->headers, {hop_, Stamp::Side::received, "ring", stamp_time()});
  events_.emplace_back(*std::move(message));
  return true;
}

/// Of a room that is known it says that the room has begun anew.
bool RingStream::on_attached(std::string_view payload) {
  const auto attached = proto::decode_value<proto::Attached>(payload);
  if (!attached) return false;
  if (!wanted(attached->name)) return true;
  const bool again = find(attached->room) != nullptr;
  auto& room = this->room(attached->name, attached->room, attached->next);
  if (again || attached->next < room.next) reset(room, attached->next);
  see(room, attached->next);
  return true;
}

bool RingStream::on_lost(std::string_view payload) {
  const auto lost = proto::decode_value<proto::Lost>(payload);
  if (!lost) return false;
  auto* const room = find(lost->room);
  if (room == nullptr) return true;
  const bool follows = room->next == room->head && lost->first <= room->next;
  follows ? lose(*room, lost->last) : see(*room, lost->last.next());
  return true;
}

bool RingStream::on_event(std::string_view payload) {
  const auto event = proto::decode_value<proto::Event>(payload);
  if (!event) return false;
  const auto before = PersonName::parse(event->text.str());
  if (event->kind != proto::EventKind::renamed || !before) return true;
  const auto to = RoomName::literal('@' + event->person.name.str());
  auto renamed = rooms_.extract(RoomName::literal('@' + before->str()));
  if (renamed.empty() || rooms_.contains(to)) return true;
  renamed.key() = renamed.mapped()->name = to;
  rooms_.insert(std::move(renamed));
  return true;
}

// ── from the hub ─────────────────────────────────────────────────────────────────────────────────────────────────────

proto::RoomHistory RingStream::question() {
  auto& room = *behind_.front();
  const Seq page_end{room.next.value + limits::history_page_messages_max};
  if (room.before <= room.next || room.before > page_end) room.before = std::min(page_end, room.head);
  return {room.name, room.before, static_cast<std::uint16_t>(room.before.value - room.next.value)};
}

/// Where a page holds so much that it doesn't begin at what comes next, what comes before it is asked for first.
void RingStream::fill(const proto::RoomHistory::Reply& page) {
  auto& room = *behind_.front();
  behind_.pop_front();
  const Seq asked_from = room.next, asked_before = room.before;
  const Seq oldest = page.first == Seq{} ? room.before : std::min(page.first, room.before);
  if (room.next < oldest) lose(room, oldest.previous());
  if (hand_out(room, page)) room.before = Seq{};
  const bool is_stuck = room.next == asked_from && (room.before == Seq{} || room.before == asked_before);
  if (is_stuck) lose(room, asked_before.previous());  // the hub says it has them, and has them not
  if (room.next < room.head) behind_.push_back(&room);
}

/// False where messages lie between what comes next and the page.
bool RingStream::hand_out(Room& room, const proto::RoomHistory::Reply& page) {
  for (const auto& payload : page.messages) {
    auto message = decode_message(room.name, payload.bytes);
    if (!message || message->seq < room.next || message->seq >= room.head) continue;
    if (message->seq > room.next) {
      room.before = message->seq;
      return false;
    }
    room.next = room.next.next();
    events_.emplace_back(*std::move(message));
  }
  return true;
}

void RingStream::give_up() {
  auto& room = *behind_.front();
  behind_.pop_front();
  lose(room, room.head.previous());
}

}  // namespace hubbub::link
