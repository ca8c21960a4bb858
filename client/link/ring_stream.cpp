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

/// By its id first: ids begin at random in each agent, and a name may be another's by now.
RingStream::Room* RingStream::known(const RoomName& name, RoomId id) {
  if (auto* const room = find(id)) return rename(*room, name), room;
  const auto found = rooms_.find(name);
  return found == rooms_.end() ? nullptr : found->second.get();
}

/// Whoever was called so before is forgotten, unless that room is in use, as the agent has it: then false.
bool RingStream::rename(Room& room, const RoomName& to) {
  if (room.name == to) return true;
  const auto there = rooms_.find(to);
  const bool in_use = there != rooms_.end() &&
                      std::ranges::any_of(by_id_, [&](const auto& one) { return one.second == there->second.get(); });
  if (in_use) return false;
  forget(to);
  auto renamed = rooms_.extract(room.name);
  renamed.key() = room.name = to;
  rooms_.insert(std::move(renamed));
  return true;
}

/// As the agent calls them now, whose names may have gone round.
void RingStream::rename_all(const std::vector<Place>& places) {
  std::vector<std::pair<RoomName, std::unique_ptr<Room>>> renamed;
  for (const auto& place : places) {
    auto* const room = find(place.id);
    if (room != nullptr && room->name != place.room)
      renamed.emplace_back(place.room, std::move(rooms_.extract(room->name).mapped()));
  }
  for (auto& [name, room] : renamed) {
    forget(name);
    room->name = name;
    rooms_[name] = std::move(room);
  }
}

void RingStream::forget(const RoomName& name) {
  const auto gone = rooms_.extract(name);
  if (gone.empty()) return;
  std::erase(behind_, gone.mapped().get());
  std::erase_if(by_id_, [&](const auto& one) { return one.second == gone.mapped().get(); });
}

RingStream::Room& RingStream::add(Room room) {
  const auto name = room.name;
  return *(rooms_[name] = std::make_unique<Room>(std::move(room)));
}

void RingStream::tell(const Room& room, Seq last) {
  events_.push_back(RoomAttached{room.name, room.next, last, room.durable});
}

/// What it is known to have missed of the life before is lost with that.
void RingStream::reset(Room& room, Seq next, Seq last) {
  std::erase(behind_, &room);
  if (room.next < room.head) lose(room, room.head.previous());
  room = {std::move(room.name), next, next, room.life, room.durable};
  tell(room, last);
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
  rename_all(places);
  std::unordered_map<RoomId, Room*> by_id;
  for (const auto& place : places) {
    const Seq last = place.next.previous();
    auto* room = known(place.room, place.id);
    if (room == nullptr) {
      const Seq first = from_ == Seq{} ? place.next : std::min(from_, place.next);
      const Seq next = begun_ ? Seq{1} : first;
      room = &add({place.room, next, next, place.life, place.durable});
      tell(*room, last);
    } else {
      const bool anew = place.next < room->next || is_other_life(place.life, room->life);
      room->life = place.life;
      room->durable = place.durable;
      if (anew) reset(*room, Seq{1}, last);
    }
    by_id[place.id] = room;
    see(*room, place.next);
  }
  by_id_ = std::move(by_id);
  begun_ = true;
}

bool RingStream::take(std::string_view frame) {
  if (frame.size() < proto::frame_header_bytes) return false;
  const auto header = proto::read_frame_header(frame.data());
  const auto payload = frame.substr(proto::frame_header_bytes);
  if (header.payload_bytes != payload.size()) return false;
  switch (header.type) {
    case proto::Delivery::type: return on_delivery(payload);
    case proto::Welcome::type: return on_welcome(payload);
    case proto::Attached::type: return on_attached(payload);
    case proto::Lost::type: return on_lost(payload);
    case proto::Event::type: return on_event(payload);
    default: return true;  // a newer agent's
  }
}

/// Comes before each Attached.
bool RingStream::on_welcome(std::string_view payload) {
  hub_ = proto::decode_value<proto::Welcome>(payload);
  return hub_.has_value();
}

/// Most messages may be of rooms that nobody here asked for: they are told by their first bytes.
bool RingStream::on_delivery(std::string_view payload) {
  if (payload.size() < sizeof(RoomId)) return false;
  const auto id = proto::decode_value<RoomId>(payload.substr(0, sizeof(RoomId)));
  auto* const room = id ? find(*id) : nullptr;
  if (room == nullptr) return id.has_value();
  auto message = decode_message(room->name, payload);
  if (!message || message->seq > seq_max) return false;
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
  if (!attached || attached->next > seq_max) return false;
  const bool again = find(attached->room) != nullptr;
  if (!again && !wanted(attached->name)) return true;
  const auto life = hub_ ? life_of(*hub_, attached->durable) : RoomLife{};
  auto* room = known(attached->name, attached->room);
  const bool is_new = room == nullptr;
  if (is_new) room = &add({attached->name, attached->next, attached->next, life, attached->durable});
  const bool anew = again || attached->next < room->next || is_other_life(life, room->life);
  room->life = life;
  room->durable = attached->durable;
  if (is_new) tell(*room, attached->last);
  if (!is_new && anew) reset(*room, attached->next, attached->last);
  by_id_[attached->room] = room;
  see(*room, attached->next);
  return true;
}

bool RingStream::on_lost(std::string_view payload) {
  const auto lost = proto::decode_value<proto::Lost>(payload);
  if (!lost || lost->last > seq_max) return false;
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
  const auto renamed = rooms_.find(RoomName::literal('@' + before->str()));
  if (renamed != rooms_.end()) rename(*renamed->second, RoomName::literal('@' + event->person.name.str()));
  return true;
}

// ── from the hub ─────────────────────────────────────────────────────────────────────────────────────────────────────

bool RingStream::ready(Time now) {
  const auto first = std::ranges::find_if(behind_, [&](const Room* room) { return room->retry_at <= now; });
  if (first == behind_.end()) return false;
  std::rotate(behind_.begin(), first, first + 1);
  return true;
}

RingStream::Time RingStream::ready_at() const {
  return (*std::ranges::min_element(behind_, {}, &Room::retry_at))->retry_at;
}

bool RingStream::is_of(const proto::Welcome& hub) const {
  const auto& room = *behind_.front();
  return !is_other_life(room.life, life_of(hub, room.durable));
}

proto::RoomHistory RingStream::question() {
  auto& room = *behind_.front();
  const Seq page_end{room.next.value + room.window.messages()};
  if (room.before <= room.next || room.before > page_end) room.before = std::min(page_end, room.head);
  return {room.name, room.before, static_cast<std::uint16_t>(room.before.value - room.next.value)};
}

/// Where a page holds so much that it doesn't begin at what comes next, what comes before it is asked for first.
void RingStream::fill(const proto::RoomHistory::Reply& page) {
  auto& room = *behind_.front();
  behind_.pop_front();
  room.retry_at = room.failing_since = {};
  const Seq asked_from = room.next, asked_before = room.before;
  const Seq oldest = page.last < room.next ? room.head : std::min(page.first, room.head);
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
      room.window.left_some_out(page);
      return false;
    }
    room.next = room.next.next();
    if (message->traced) add_stamp(message->headers, {hop_, Stamp::Side::received, "history", stamp_time()});
    events_.emplace_back(*std::move(message));
  }
  room.window.held_all(page);
  return true;
}

void RingStream::postpone(Time now, Time until) {
  auto& room = *behind_.front();
  behind_.pop_front();
  behind_.push_back(&room);
  room.retry_at = until;
  if (room.failing_since == Time{}) room.failing_since = now;
}

RingStream::Time::duration RingStream::failing_for(Time now) const {
  const auto since = behind_.front()->failing_since;
  return since == Time{} ? Time::duration{} : now - since;
}

void RingStream::give_up() {
  auto& room = *behind_.front();
  behind_.pop_front();
  room.retry_at = room.failing_since = {};
  lose(room, room.head.previous());
}

}  // namespace hubbub::link
