// What of the directory outlives the hub: read at the start, noted when it changes, told once it is kept.
#include <algorithm>
#include <utility>

#include "server/dispatch/directory.hpp"

namespace hubbub::server {

Directory::Directory(const Config& config, DirectoryOutlet& outlet, const Kept* kept)
    : limits_(config.limits),
      outlet_(outlet),
      replies_(config.limits.reply_cache),
      service_replies_(config.limits.reply_cache, bounds::service_replies_bytes_max),
      services_({bounds::services_per_session_max, bounds::services_max, bounds::services_running_per_session_max,
                 bounds::services_gathered_bytes_max}),
      exact_calls_({bounds::exact_calls_max, bounds::exact_calls_bytes_max, bounds::exact_calls_per_person_max}),
      rules_(config.rooms.rules),
      later_({bounds::later_posting_max, bounds::later_posting_bytes_max, bounds::later_read_max}),
      keeps_(kept != nullptr) {
  if (kept != nullptr) restore(*kept);
}

void Directory::reconfigure(const Config& config) {
  limits_ = config.limits;
  replies_.set_replies_max(limits_.reply_cache);
  service_replies_.set_replies_max(limits_.reply_cache);
  rules_ = config.rooms.rules;
  for (const auto& [key, room] : rooms_)
    if (room->durable) outlet_.set_policy(room->id, policy_of(*room));
}

/// A room that was durable once stays so: what is in it can't be numbered anew.
RoomPolicy Directory::policy_of(const RoomEntry& room) const {
  auto policy = policy_for(rules_, RoomName::literal(room.direct() ? "@a" : room.key));
  if (policy.durability == Durability::memory) policy.durability = Durability::commit;
  return policy;
}

// ── at the start ─────────────────────────────────────────────────────────────────────────────────────────────────────

void Directory::restore(const Kept& kept) {
  for (const auto& person : kept.people) {
    auto added = std::make_unique<PersonEntry>();
    added->name = PersonName::literal(person.name);
    added->owner = person.owner;
    added->verified = person.verified;
    added->kept = true;
    people_.emplace(person.name, std::move(added));
  }
  // What rooms may remember of producers is bounded for all of them together: the quietest give up theirs.
  std::vector<const KeptRoom*> quietest_first;
  for (const auto& room : kept.rooms) quietest_first.push_back(&room);
  std::ranges::stable_sort(quietest_first, {}, &KeptRoom::time);
  for (const auto* const room : quietest_first) restore_room(*room);
  for (const auto& cursor : kept.cursors) {
    const auto room = rooms_by_id_.find(cursor.room);
    const auto person = people_.find(cursor.person);
    if (room == rooms_by_id_.end() || person == people_.end()) continue;
    room->second->cursors[{person->second.get(), cursor.consumer}] = {cursor.seq, cursor.at};
    person->second->read.insert(room->second);
  }
  for (const auto& one : kept.registrations) {
    const auto place = by_age_.insert(by_age_.end(), one.client);
    registrations_[one.client] = {one.owner, one.epoch, {}, place};
  }
  forgotten_epoch_ = kept.forgotten_epoch;
  for (const auto& reply : kept.replies)
    replies_.restore(reply.client, reply.call, reply.question, {reply.status, reply.result});
  for (const auto& call : kept.open_calls) exact_calls_.restore(exact_key(call.client, call.call), call);
  later_count_ = {kept.later.count.begin(), kept.later.count.end()};
  last_later_ = kept.later.last;
  if (kept.later.first && later_.added({*kept.later.first, {}})) look_later_soon();
}

void Directory::restore_room(const KeptRoom& kept) {
  auto added = std::make_unique<RoomEntry>();
  added->id = kept.id;
  added->key = kept.key;
  added->durable = true;
  added->gauges = std::make_shared<RoomGauges>();
  added->gauges->last = kept.last.value;  // its home may be a core that has not begun yet
  added->gauges->first = kept.first_kept.value;
  added->topic = Topic::parse(kept.topic).value_or(Topic());
  added->topic_by = kept.topic_by;
  added->topic_at = kept.topic_at;
  for (const auto& name : kept.members) {
    const auto person = people_.find(name);
    if (person == people_.end()) continue;
    added->members.emplace(name, person->second.get());
    person->second->rooms.emplace(added->key, added.get());
  }
  if (const auto owner = people_.find(kept.owner); owner != people_.end()) {
    added->owner = owner->second.get();
    added->owner->owned.insert(added.get());
  }
  for (const auto& group : kept.groups) added->acked_groups.emplace(GroupName::literal(group.name), 0);
  acked_groups_ += kept.groups.size();
  rooms_by_id_.emplace(kept.id, added.get());
  next_room_id_ = std::max(next_room_id_, kept.id.value + 1);
  outlet_.open_durable_room(kept, policy_of(*added), added->gauges);
  rooms_.emplace(kept.key, std::move(added));
}

// ── while it runs ────────────────────────────────────────────────────────────────────────────────────────────────────

void Directory::note(Change change) {
  if (!keeps_) return;
  changes_.push_back(std::move(change));
  keeps_reply_ = true;
}

/// What was asked for is so already, and kept: the call is settled, however things stand when it is sent again.
void Directory::note_unchanged() { keeps_reply_ = keeps_; }

/// Tells somebody something: after what is being handled, once that is kept.
void Directory::hold(std::function<void()> telling) {
  if (holding_)
    held_.push_back(std::move(telling));
  else if (!waiting_.empty())
    waiting_.back().push_back(std::move(telling));
  else
    telling();
}

/// Ends what is being handled: keeps what was noted and, after that, tells what was held. What is told keeps its order:
/// it also waits for earlier changes.
void Directory::commit(std::optional<KeptReply> reply) {
  holding_ = false;
  auto telling = std::exchange(held_, {});
  keeps_reply_ = false;
  Changes changes{std::exchange(changes_, {}), std::move(reply)};
  if (!changes.list.empty() || changes.reply) {
    waiting_.push_back(std::move(telling));
    return outlet_.change(std::move(changes), [this] { committed(); });
  }
  if (waiting_.empty()) {
    for (const auto& tell : telling) tell();
  } else {
    for (auto& tell : telling) waiting_.back().push_back(std::move(tell));
  }
}

void Directory::committed() {
  const auto told = std::move(waiting_.front());
  waiting_.pop_front();
  for (const auto& tell : told) tell();
}

/// Before anything of theirs is noted.
void Directory::keep_person(PersonEntry& person) {
  if (std::exchange(person.kept, true)) return;
  note(PersonMade{person.name.str(), person.owner, person.verified});
  for (const auto* const room : person.owned)
    if (room->durable) note(RoomOwned{room->id, person.name.str()});
}

/// REQUIRES: no sessions, and a member of no room any more.
void Directory::forget_person(PersonEntry& person) {
  for (auto* const room : person.read)
    std::erase_if(room->cursors, [&](const auto& cursor) { return cursor.first.first == &person; });
  for (auto* const room : person.owned) room->owner = nullptr;
  if (person.kept) note(PersonForgotten{person.name.str()});
  people_.erase(std::string(person.name.str()));
}

/// An epoch is how often a producer has registered: an outbox knows that, too. One that comes anew begins behind all
/// that were forgotten, since it may be one of them, and rooms may remember it.
Directory::Outcome<proto::ProducerRegister::Reply> Directory::handle(const Caller& caller,
                                                                     const proto::ProducerRegister&) {
  const auto& client = caller.session.client;
  const auto known = registrations_.find(client);
  if (known != registrations_.end() && known->second.owner != caller.person.owner)
    return fail(Status::permission_denied, "this client id is somebody else's; take a new one");
  if (!outlet_.trouble().empty()) return fail(Status::unavailable, outlet_.trouble());
  if (known == registrations_.end() && registrations_.size() >= bounds::registrations_max &&
      !forget_oldest_registration())
    return fail(
        Status::resource_exhausted,
        "the hub knows as many producers as it may, and all of them are here; publish without a kept client id");
  auto& registration = known != registrations_.end() ? known->second : add_registration(client, caller.person.owner);
  ++registration.epoch;
  by_age_.splice(by_age_.end(), by_age_, registration.place);
  const auto before = std::exchange(registration.session, caller.ref);
  if (before != SessionRef{} && before != caller.ref) outlet_.fence(before);
  note(ProducerRegistered{client, registration.owner, registration.epoch});
  hold([this, ref = caller.ref, epoch = registration.epoch] { outlet_.registered(ref, epoch); });
  return proto::ProducerRegister::Reply{registration.epoch};
}

Directory::Registration& Directory::add_registration(const ClientId& client, const Owner& owner) {
  const auto place = by_age_.insert(by_age_.end(), client);
  return registrations_[client] = {owner, forgotten_epoch_, {}, place};
}

/// Of those who aren't here. False: all are.
bool Directory::forget_oldest_registration() {
  const auto oldest = std::ranges::find_if(
      by_age_, [this](const auto& client) { return !sessions_.contains(registrations_.at(client).session); });
  if (oldest == by_age_.end()) return false;
  const auto registration = registrations_.extract(*oldest);
  forgotten_epoch_ = std::max(forgotten_epoch_, registration.mapped().epoch);
  note(ProducerForgotten{*oldest, forgotten_epoch_});
  by_age_.erase(oldest);
  return true;
}

}  // namespace hubbub::server
