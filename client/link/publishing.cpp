#include "client/link/publishing.hpp"

#include <algorithm>
#include <utility>

namespace hubbub::link {

namespace {

std::string show_messages(std::uint64_t count, const Publishing::Room& room) {
  return show_count(count) + " to " + display(room.name) + (count == 1 ? " is" : " are");
}

}  // namespace

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
  unpark(room);
  const Change change(*this, room);
  if (outbox_ == nullptr) {
    room.queue.push(message);
  } else {
    if (room.unkept_count++ == 0) unkept_.push_back(&room);
    append_publish(message, room.unkept);
  }
  if (settled) room.waiters.push_back({room.queue.settled() + room.count(), std::move(settled)});
  list(room);
}

/// There is something to send, or will be once it is taken out of the outbox.
bool Publishing::has_unsent(const Room& room) const {
  return room.queue.has_unsent() || (room.in_outbox > 0 && room.queue.bytes() < window_bytes_);
}

void Publishing::list(Room& room) {
  if (room.id == RoomId{} && !room.opening && !room.wanted) {
    room.wanted = true;
    unopened_.push_back(&room);
  }
  if (room.id == RoomId{} || room.ready || !has_unsent(room)) return;
  room.ready = true;
  ready_.push_back(&room);
}

void Publishing::pump(std::string& out, std::size_t out_bytes) {
  if (paused_) return;
  for (auto* room : ready_) pump(*room, out, out_bytes);
  std::erase_if(ready_, [this](Room* room) { return !(room->ready = has_unsent(*room)); });
}

void Publishing::pump(Room& room, std::string& out, std::size_t out_bytes) {
  if (!paused_ && room.id != RoomId{}) room.queue.take_unsent(room.id, out, out_bytes);
}

// ── rooms ────────────────────────────────────────────────────────────────────────────────────────────────────────────

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

void Publishing::opened(const RoomName& name, RoomId id, bool durable) {
  auto* opened = &room(name);
  if (!std::exchange(opened->opening, false)) return;  // who had that name has another now
  auto& known = ids_[id];
  if (known != nullptr && known != opened && known->id_before == id) {
    merge(*opened, *known);
    opened = known;
  }
  known = opened;
  unpark(*opened);
  opened->id = opened->id_before = id;
  const bool goes_on = opened->durable && durable;
  if (std::exchange(opened->anew, false) && !goes_on) renumber(*opened, PublishId{1});
  opened->durable = durable;
  if (outbox_ != nullptr) outbox_->set_durable(opened->name, durable);
  list(*opened);
}

void Publishing::renumber(Room& room, PublishId first) {
  room.queue.renumber(first);
  if (outbox_ != nullptr) outbox_->renumber(room.name, first);
}

/// `from` is another name of `into`, and that is what it stands for from now on.
void Publishing::merge(Room& from, Room& into) {
  unpark(from);
  unpark(into);
  move_to_outbox(from);
  move_to_outbox(into);
  const Change source(*this, from), target(*this, into);
  const auto moved_by = into.queue.settled() + into.count() - from.queue.settled();
  if (into.in_outbox > 0)
    into.in_outbox += from.count();
  else
    into.in_outbox += (into.queue.append(from.queue), from.in_outbox);
  for (auto& [ticket, settled] : std::exchange(from.waiters, {}))
    into.waiters.push_back({ticket + moved_by, std::move(settled)});
  from.queue = Publisher();
  from.in_outbox = 0;
  if (outbox_ != nullptr) outbox_->merge(from.name, into.name);
  if (outbox_ != nullptr) outbox_->rename(into.name, from.name);
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
  move_to_outbox(renamed);
  auto* there = std::exchange(names_[to], &renamed);
  if (there != nullptr && there != &renamed && there->id_before == RoomId{}) {
    merge(*there, renamed);
  } else if (there != nullptr && there != &renamed) {
    refuse_all(*there, {Status::not_found, "somebody else is called " + to.str() + " now"});
  }
  if (outbox_ != nullptr && renamed.name != to) outbox_->rename(renamed.name, to);
  renamed.name = to;
  if (std::exchange(renamed.opening, false) || has_unsent(renamed)) list(renamed);
}

void Publishing::open_failed(const RoomName& name, const Error& why, Again again) {
  auto& failed = room(name);
  failed.opening = false;
  if (again == Again::soon) return list(failed);
  if (failed.count() == 0) failed.refusal = why;  // it was asked for what needs no acknowledgement
  unpark(failed);
  if (again == Again::later && outbox_ != nullptr)
    park(failed, why);
  else
    refuse_all(failed, why);
}

// ── answers ──────────────────────────────────────────────────────────────────────────────────────────────────────────

void Publishing::acknowledged(const proto::Published& published) {
  auto* room = by_id(published.room);
  if (room == nullptr) return;
  {
    const Change change(*this, *room);
    const auto before = room->queue.settled();
    if (!room->queue.acknowledge(published.id)) return;
    acknowledged_ += std::max(room->queue.settled(), room->kept) - std::max(before, room->kept);
  }
  if (outbox_ != nullptr) outbox_->acknowledged(room->name, PublishId{room->queue.first().value - 1});
  list(*room);
  const auto newest = room->queue.settled();
  for (auto& waiter : take_settled(*room)) waiter.settled(Receipt{waiter.ticket == newest ? published.seq : Seq{}});
}

Publishing::Next Publishing::refused(const proto::PublishRefused& refused) {
  const Error why{refused.status, refused.sentence.str()};
  if (refused.id == PublishId{}) note(why);
  auto* room = by_id(refused.room);
  if (room == nullptr || refused.id == PublishId{}) return Next::send;
  auto outcome = Publisher::Refusal{Publisher::Verdict::nothing};
  const auto first = room->queue.first();
  {
    const Change change(*this, *room);
    outcome = room->queue.refuse(refused.id, refused.expected, refused.status, refused.why, room->durable);
  }
  if (outbox_ != nullptr && room->queue.first() != first) outbox_->renumber(room->name, room->queue.first());
  list(*room);
  if (outcome.verdict == Publisher::Verdict::refused) {
    if (outbox_ != nullptr) outbox_->drop(room->name, refused.id);
    fail_one(*room, outcome.ticket, why);
  }
  if (outcome.verdict == Publisher::Verdict::ended) stop(fenced());
  if (outcome.verdict == Publisher::Verdict::conflict) return Next::renew;
  if (outcome.verdict == Publisher::Verdict::forgotten) {  // what wasn't sent on an earlier connection begins anew
    give_up(*room, room->queue.of_unknown_outcome(), "the hub has forgotten this producer");
    renumber(*room, refused.expected);
    list(*room);
  }
  return outcome.verdict == Publisher::Verdict::resend_later ? Next::pause : Next::send;
}

Error Publishing::fenced() const {
  const auto kept = outbox_ == nullptr ? ""
                                       : "; what isn't acknowledged stays in the outbox " + outbox_->path() +
                                             ", and hubbub outbox send sends it when that one has ended";
  return {Status::aborted, "another program publishes as this producer now, so this one has stopped" + kept};
}

/// Nobody knows what became of the `count` oldest ones.
void Publishing::give_up(Room& room, std::uint64_t count, std::string_view reason) {
  count = std::min(count, room.queue.count() + room.in_outbox);
  if (count == 0) return;
  Error why{Status::unknown, std::string(reason) + ", so nobody knows whether " + show_count(count) + " to " +
                                 display(room.name) + " arrived"};
  {
    const Change change(*this, room);
    const auto here = std::min<std::uint64_t>(count, room.queue.count());
    room.queue.forget(count);
    room.in_outbox -= count - here;
  }
  if (outbox_ != nullptr) outbox_->set_aside(room.name, count, std::string(reason) + ": may have arrived");
  if (outbox_ != nullptr) why.sentence += "; they were set aside in the outbox";
  auto waiters = take_settled(room);
  if (waiters.size() < count) note(why);
  for (auto& waiter : waiters) waiter.settled(tl::unexpected(why));
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
  room.kept -= room.kept >= ticket ? 1 : 0;
  settled ? settled(tl::unexpected(why)) : note(why);
}

// ── the connection, and the end ──────────────────────────────────────────────────────────────────────────────────────

void Publishing::disconnected() {
  ready_.clear();
  unopened_.clear();
  paused_ = false;
  for (auto& room : rooms_) {
    unpark(room);
    room.id = RoomId{};
    room.opening = room.wanted = room.ready = false;
    room.queue.rewind();
    if (room.count() > 0) list(room);
  }
}

void Publishing::new_life() {
  ids_.clear();
  for (auto& room : rooms_) room.anew = true;
}

bool Publishing::has_ids() const {
  return std::ranges::any_of(
      rooms_, [](const Room& room) { return room.queue.first() > PublishId{1} || room.queue.sent() > 0; });
}

void Publishing::renew(std::string_view reason) {
  ids_.clear();
  for (auto& room : rooms_) {
    give_up(room, room.queue.sent(), reason);
    room.queue.begin_anew();
    room.id_before = RoomId{};
    room.anew = false;
  }
  if (outbox_ != nullptr) outbox_->renew();
}

void Publishing::take_over(Publishing before) {
  acknowledged_ = before.acknowledged_;
  refusal_ = std::move(before.refusal_);
  notice_ = std::move(before.notice_);
  for (auto& from : before.rooms_)
    if (from.count() > 0) take_over(from);
}

void Publishing::take_over(Room& from) {
  auto& into = room(from.name);
  const Change change(*this, into);
  const auto moved_by = into.queue.settled() + into.count() - from.queue.settled();
  if (outbox_ == nullptr) {
    into.queue.push_frames(from.queue.frames(), from.queue.count());
  } else {
    if (into.unkept_count == 0) unkept_.push_back(&into);
    into.unkept += from.queue.frames();
    into.unkept_count += from.queue.count();
  }
  for (auto& [ticket, settled] : from.waiters) into.waiters.push_back({ticket + moved_by, std::move(settled)});
  list(into);
}

void Publishing::doubt_kept() {
  for (auto& room : rooms_)
    if (room.queue.settled() < room.kept) room.queue.doubt(room.kept - room.queue.settled());
}

void Publishing::fail_all(const Error& why) {
  for (auto& room : rooms_) fail(room, why);
}

void Publishing::stop(const Error& why) {
  if (stopped_) return;
  stopped_ = why;
  while (!unkept_.empty()) move_to_outbox(*unkept_.back());
  if (outbox_ != nullptr) static_cast<void>(outbox_->commit());  // where that fails it is why this stops
  outbox_ = nullptr;                                             // what is in there stays, for the next one
  fail_all(why);
}

std::optional<Error> Publishing::take_refusal() { return std::exchange(refusal_, std::nullopt); }

std::optional<Error> Publishing::take_notice() { return std::exchange(notice_, std::nullopt); }

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

/// Nobody will say or take anything of this room any more; the outbox has a say of its own.
void Publishing::fail(Room& room, const Error& why) {
  const auto unsettled = drop_all(room);
  if (fail_waiters(room, why) < unsettled) note(why);
}

/// Returns how many those were.
std::uint64_t Publishing::drop_all(Room& room) {
  const auto count = room.count();
  const Change change(*this, room);
  room.queue.clear(room.in_outbox);
  room.in_outbox = 0;
  room.unkept.clear();
  room.unkept_count = 0;
  room.parked = false;
  std::erase(unkept_, &room);
  return count;
}

/// Returns how many those were.
std::uint64_t Publishing::fail_waiters(Room& room, const Error& why) {
  auto waiters = std::exchange(room.waiters, {});
  for (auto& waiter : waiters) waiter.settled(tl::unexpected(why));
  return waiters.size();
}

/// The hub will not have any of it. What an earlier program had said is no failure of this one.
void Publishing::refuse_all(Room& room, Error why) {
  unpark(room);
  const auto count = room.count();
  if (outbox_ == nullptr || count == 0) return fail(room, why);
  const bool only_kept = room.has_only_kept();
  move_to_outbox(room);
  outbox_->set_aside(room.name, count, why.sentence);
  why.sentence += "; " + show_messages(count, room) + " set aside in the outbox";
  if (!only_kept) return fail(room, why);
  drop_all(room);
  if (!notice_) notice_ = why;
}

/// The hub will not have it now, so it stays in the outbox: only the wait fails.
void Publishing::park(Room& room, Error why) {
  move_to_outbox(room);
  const auto count = room.count();
  why.sentence = display(room.name) + " can't be opened now: " + why.sentence;
  {
    const Change change(*this, room);
    room.in_outbox += room.queue.count();
    room.queue.unload();
    room.parked = count > 0;
  }
  if (room.parked && !notice_) notice_ = why;
  fail_waiters(room, {Status::unavailable, why.sentence + "; what was said stays in the outbox"});
}

void Publishing::unpark(Room& room) {
  if (!room.parked) return;
  const Change change(*this, room);
  room.parked = false;
}

}  // namespace hubbub::link
