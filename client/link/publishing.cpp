#include "client/link/publishing.hpp"

#include <algorithm>
#include <utility>

namespace hubbub::link {

/// Keeps the sums over all rooms right while one room's queue changes.
class Publishing::Change {
 public:
  Change(Publishing& all, const Room& room) : all_(all), room_(room) {
    all_.count_ -= room_.queue.count();
    all_.bytes_ -= room_.queue.bytes();
  }
  ~Change() {
    all_.count_ += room_.queue.count();
    all_.bytes_ += room_.queue.bytes();
  }
  Change(const Change&) = delete;
  Change& operator=(const Change&) = delete;

 private:
  Publishing& all_;
  const Room& room_;
};

Publishing::Room& Publishing::room(const RoomName& name) {
  if (last_ != nullptr && last_name_ == name) return *last_;
  auto& found = names_[name];
  if (found == nullptr) {
    found = &rooms_.emplace_back();
    found->name = name;
  }
  last_name_ = name;
  last_ = found;
  return *last_;
}

void Publishing::add(Room& room, const Outgoing& message, Settled settled) {
  const Change change(*this, room);
  const auto ticket = room.queue.push(message);
  if (settled) room.waiters.push_back({ticket, std::move(settled)});
  list(room);
}

void Publishing::list(Room& room) {
  if (room.id == RoomId{} && !room.opening && !room.wanted) {
    room.wanted = true;
    unopened_.push_back(&room);
  }
  if (room.id == RoomId{} || room.ready || !room.queue.has_unsent()) return;
  room.ready = true;
  ready_.push_back(&room);
}

void Publishing::pump(std::string& out, std::size_t out_bytes) {
  if (paused_) return;
  for (auto* room : ready_) pump(*room, out, out_bytes);
  std::erase_if(ready_, [](Room* room) { return !(room->ready = room->queue.has_unsent()); });
}

void Publishing::pump(Room& room, std::string& out, std::size_t out_bytes) {
  if (!paused_ && room.id != RoomId{}) room.queue.take_unsent(room.id, out, out_bytes);
}

std::vector<RoomName> Publishing::take_rooms_to_open() {
  std::vector<RoomName> names;
  for (auto* room : std::exchange(unopened_, {})) {
    room->wanted = false;
    if (room->id != RoomId{} || room->opening) continue;
    room->opening = true;
    names.push_back(room->name);
  }
  return names;
}

void Publishing::opened(const RoomName& name, RoomId id) {
  auto* opened = &room(name);
  if (!std::exchange(opened->opening, false)) return;  // who had that name has another now
  auto& known = ids_[id];
  if (known != nullptr && known != opened && known->id_before == id) {
    merge(*opened, *known);
    opened = known;
  }
  known = opened;
  opened->id = opened->id_before = id;
  list(*opened);
}

/// `from` is another name of `into`, and that is what it stands for from now on.
void Publishing::merge(Room& from, Room& into) {
  const auto moved_by = into.queue.append(from.queue);
  for (auto& [ticket, settled] : std::exchange(from.waiters, {}))
    into.waiters.push_back({ticket + moved_by, std::move(settled)});
  from.queue = Publisher();
  into.name = from.name;  // the newer one: by this it will be opened again
  names_[from.name] = &into;
  last_ = nullptr;
}

void Publishing::rename(const RoomName& from, const RoomName& to) {
  const auto found = names_.find(from);
  if (found == names_.end()) return;
  auto& renamed = *found->second;
  names_.erase(found);
  last_ = nullptr;
  if (auto* there = names_[to]; there != nullptr && there != &renamed) {
    if (there->id_before == RoomId{})
      merge(*there, renamed);
    else
      fail(*there, {Status::not_found, "somebody else is called " + to.str() + " now"});
  }
  renamed.name = to;
  names_[to] = &renamed;
  if (std::exchange(renamed.opening, false) || renamed.queue.has_unsent()) list(renamed);
}

void Publishing::open_failed(const RoomName& name, const Error& why, bool for_good) {
  auto& failed = room(name);
  failed.opening = false;
  if (!for_good) return list(failed);
  if (failed.queue.count() == 0) failed.refusal = why;
  fail(failed, why);
}

void Publishing::acknowledged(const proto::Published& published) {
  auto* room = by_id(published.room);
  if (room == nullptr) return;
  {
    const Change change(*this, *room);
    if (!room->queue.acknowledge(published.id)) return;
  }
  const auto newest = room->queue.settled();
  for (auto& waiter : take_settled(*room)) waiter.settled(Receipt{waiter.ticket == newest ? published.seq : Seq{}});
}

bool Publishing::refused(const proto::PublishRefused& refused) {
  const Error why{refused.status, refused.sentence.str()};
  if (refused.id == PublishId{}) note(why);
  auto* room = by_id(refused.room);
  if (room == nullptr || refused.id == PublishId{}) return false;
  auto outcome = Publisher::Refusal{Publisher::Verdict::nothing};
  {
    const Change change(*this, *room);
    outcome = room->queue.refuse(refused.id, refused.expected, refused.status);
  }
  list(*room);
  if (outcome.verdict == Publisher::Verdict::refused) fail_one(*room, outcome.ticket, why);
  return outcome.verdict == Publisher::Verdict::resend_later;
}

/// Tells the one whose message was dropped; those behind have moved up.
void Publishing::fail_one(Room& room, Publisher::Ticket ticket, const Error& why) {
  Settled settled;
  std::erase_if(room.waiters, [&](Waiter& waiter) {
    const bool found = waiter.ticket == ticket;
    if (found) settled = std::move(waiter.settled);
    return found;
  });
  for (auto& waiter : room.waiters) waiter.ticket -= waiter.ticket > ticket ? 1 : 0;
  settled ? settled(tl::unexpected(why)) : note(why);
}

void Publishing::disconnected() {
  ready_.clear();
  unopened_.clear();
  paused_ = false;
  for (auto& room : rooms_) {
    room.id = RoomId{};
    room.opening = room.wanted = room.ready = false;
    room.queue.rewind();
    if (room.queue.has_unsent()) list(room);
  }
}

void Publishing::new_life() {
  ids_.clear();
  for (auto& room : rooms_) room.queue.renumber(PublishId{1});
}

void Publishing::fail_all(const Error& why) {
  for (auto& room : rooms_) fail(room, why);
}

std::optional<Error> Publishing::take_refusal() { return std::exchange(refusal_, std::nullopt); }

void Publishing::note(const Error& refusal) {
  if (!refusal_) refusal_ = refusal;
}

Publishing::Room* Publishing::by_id(RoomId id) {
  const auto found = ids_.find(id);
  return found == ids_.end() ? nullptr : found->second;
}

std::vector<Publishing::Waiter> Publishing::take_settled(Room& room) {
  std::vector<Waiter> taken;
  while (!room.waiters.empty() && room.waiters.front().ticket <= room.queue.settled()) {
    taken.push_back(std::move(room.waiters.front()));
    room.waiters.pop_front();
  }
  return taken;
}

void Publishing::fail(Room& room, const Error& why) {
  const auto unsettled = room.queue.count();
  {
    const Change change(*this, room);
    room.queue.clear();
  }
  auto waiters = take_settled(room);
  if (waiters.size() < unsettled) note(why);
  for (auto& waiter : waiters) waiter.settled(tl::unexpected(why));
}

}  // namespace hubbub::link
