// The directory's people: who may have which name, who is there, what others are told of it.
#include <algorithm>

#include "server/dispatch/directory.hpp"

namespace hubbub::server {

namespace {

tl::unexpected<Error> name_taken(const std::string& name) {
  return fail(Status::already_exists, "the name " + name + " is taken; choose another with --name");
}

}  // namespace

// ── coming and going ─────────────────────────────────────────────────────────────────────────────────────────────────

void Directory::greet(const Greeting& greeting, WallTime now) {
  const auto person = person_for(greeting, now);
  if (!person) {
    const bool taken = person.error().status == Status::already_exists;
    return outlet_.close(greeting.session, taken ? proto::CloseReason::name_taken : proto::CloseReason::hub_full);
  }
  auto& who = **person;
  who.active_at = now;
  who.sessions.insert(greeting.session);
  sessions_.emplace(greeting.session, SessionEntry{&who, greeting.client, {}, {}, false, {}});
  take_back_wills(greeting.client, who.owner);
  outlet_.welcome(greeting.session, who.name, who.verified);
  if (who.sessions.size() == 1) tell_presence(who, now, proto::EventKind::presence, {});
  commit();
}

Result<Directory::PersonEntry*> Directory::person_for(const Greeting& greeting, WallTime now) {
  const bool proven = greeting.proven.has_value();
  const Owner owner = proven ? Owner(*greeting.uid) : Owner(greeting.owner);
  if (!proven && greeting.wanted_name.empty()) return add_person(free_guest_name(), owner, false);

  const auto name = proven ? *greeting.proven : PersonName::parse(greeting.wanted_name);
  if (!name) return tl::unexpected(name.error());
  const auto known = people_.find(name->str());
  if (known == people_.end()) return add_person(*name, owner, proven);
  if (known->second->owner == owner) return known->second.get();
  if (proven && !known->second->verified) {
    reclaim_name(*known->second, now);
    return add_person(*name, owner, true);
  }
  const auto& holder = *known->second;
  if (holder.verified || !is_idle_stranger(holder)) return name_taken(name->str());
  forget_person(*known->second);
  return add_person(*name, owner, proven);
}

Result<Directory::PersonEntry*> Directory::add_person(PersonName name, Owner owner, bool verified) {
  if (people_.size() >= bounds::people_max) forget_idle_strangers();
  if (people_.size() >= bounds::people_max)
    return fail(Status::resource_exhausted, "too many people are known already");
  auto added = std::make_unique<PersonEntry>();
  added->owner = owner;
  added->verified = verified;
  added->name = std::move(name);
  auto& place = people_[added->name.str()];
  place = std::move(added);
  return place.get();
}

/// Whoever merely claimed the name of somebody whom the hub knows gives it up, and everything that went with it.
void Directory::reclaim_name(PersonEntry& person, WallTime now) {
  for (const auto session : std::unordered_set(person.sessions)) {
    outlet_.close(session, proto::CloseReason::name_reclaimed);
    end(session, now);
  }
  for (const auto& [key, room] : person.rooms) {
    room->members.erase(person.name.str());
    if (room->direct())
      dissolve(*room);
    else
      tell_room(*room, {proto::EventKind::left, {}, now, describe(person), {}});
  }
  forget_person(person);
}

/// Neither here nor anywhere to be seen. A name that nobody has proved keeps no room: a program without a place for its
/// secret comes with another one each time, and has to get its name again.
bool Directory::is_idle_stranger(const PersonEntry& person) {
  return person.sessions.empty() && person.rooms.empty() && person.read.empty() &&
         (person.owned.empty() || !person.verified);
}

void Directory::forget_idle_strangers() {
  std::vector<PersonEntry*> strangers;
  for (const auto& [name, person] : people_)
    if (is_idle_stranger(*person)) strangers.push_back(person.get());
  for (auto* const person : strangers) forget_person(*person);
}

PersonName Directory::free_guest_name() {
  for (;;) {
    auto name = PersonName::literal("guest-" + std::to_string(++guests_));
    if (!people_.contains(name.str())) return name;
  }
}

void Directory::end(SessionRef ref, WallTime now, bool vanished) {
  const auto found = sessions_.find(ref);
  if (found == sessions_.end()) return;
  if (vanished) begin_grace(ref, found->second);
  give_up_will(found->second);
  auto& [person, client, named, wild, told, attached, will] = found->second;
  for (const auto& [pattern, how] : wild) patterns_.remove(pattern, ref);
  for (const auto& [id, attachment] : attached) {
    attachment.room->watchers.erase(ref);
    leave_group(attachment);
  }
  PersonEntry& who = *person;
  who.sessions.erase(ref);
  sessions_.erase(found);
  if (who.sessions.empty()) tell_presence(who, now, proto::EventKind::presence, {});
  exact_calls_.lost(ref);
  tell(services_.lost(ref, now));
}

void Directory::active(SessionRef ref, WallTime now) {
  if (const auto found = sessions_.find(ref); found != sessions_.end()) found->second.person->active_at = now;
}

// ── telling others ───────────────────────────────────────────────────────────────────────────────────────────────────

proto::Person Directory::describe(const PersonEntry& person) {
  const auto presence = person.sessions.empty() ? proto::Presence::offline
                        : !person.away.empty()  ? proto::Presence::away
                                                : proto::Presence::online;
  return {person.name, person.verified, presence, person.away, person.active_at};
}

/// To everybody who watches a room that the person is in, once each.
void Directory::tell_presence(const PersonEntry& person, WallTime now, proto::EventKind kind, const Topic& text) {
  std::unordered_set<SessionRef> watchers;
  for (const auto& [key, room] : person.rooms) watchers.insert(room->watchers.begin(), room->watchers.end());
  if (watchers.empty()) return;
  const proto::Event event{kind, {}, now, describe(person), text};
  hold([this, to = std::vector(watchers.begin(), watchers.end()), frame = proto::encoded(event)] {
    outlet_.send(to, frame);
  });
}

void Directory::tell_room(const RoomEntry& room, proto::Event event) {
  if (room.watchers.empty()) return;
  event.room = room.id;
  hold([this, to = std::vector(room.watchers.begin(), room.watchers.end()), frame = proto::encoded(event)] {
    outlet_.send(to, frame);
  });
}

// ── methods ──────────────────────────────────────────────────────────────────────────────────────────────────────────

Directory::Outcome<proto::PeopleWho::Reply> Directory::handle(const Caller&, const proto::PeopleWho& call) {
  proto::PeopleWho::Reply reply;
  if (!call.person.empty()) {
    const auto found = people_.find(call.person.str());
    if (found == people_.end()) return fail(Status::not_found, "nobody called " + call.person.str() + " has been here");
    reply.people.push_back(describe(*found->second));
    return reply;
  }
  for (const auto& [name, person] : people_) {
    if (person->sessions.empty()) continue;
    if (reply.people.size() == bounds::people_per_reply_max) break;
    reply.people.push_back(describe(*person));
  }
  return reply;
}

Directory::Outcome<proto::Done> Directory::handle(const Caller& caller, const proto::PeopleAway& call) {
  if (caller.person.away == call.text) return proto::Done{};
  caller.person.away = call.text;
  tell_presence(caller.person, caller.now, proto::EventKind::presence, {});
  return proto::Done{};
}

Directory::Outcome<proto::Done> Directory::handle(const Caller& caller, const proto::PeopleRename& call) {
  auto& person = caller.person;
  if (person.name == call.to) {
    if (person.kept) note_unchanged();
    return proto::Done{};
  }
  if (person.verified)
    return fail(Status::failed_precondition,
                "the hub knows you as " + person.name.str() + " by your login; that stays");
  if (people_.contains(call.to.str())) return name_taken(call.to.str());

  const auto before = person.name;
  auto entry = people_.extract(before.str());
  entry.key() = call.to.str();
  person.name = call.to;
  people_.insert(std::move(entry));
  for (const auto& [key, room] : person.rooms) {
    room->members.erase(before.str());
    room->members.emplace(person.name.str(), &person);
  }
  if (person.kept) note(PersonRenamed{before.str(), person.name.str()});
  hold([this, sessions = person.sessions, name = person.name] {
    for (const auto session : sessions) outlet_.renamed(session, name);
  });
  for (const auto session : person.sessions) services_.renamed(session, person.name);
  tell_presence(person, caller.now, proto::EventKind::renamed, Topic::literal(before.str()));
  return proto::Done{};
}

Directory::Outcome<proto::Done> Directory::handle(const Caller& caller, const proto::PeopleTyping& call) {
  const auto* const room = find(call.room, caller.person);
  if (room == nullptr) return fail(Status::not_found, "there is no room " + display(call.room));
  if (!room->members.contains(caller.person.name.str()))
    return fail(Status::failed_precondition, "join " + display(call.room) + " first");
  tell_room(
      *room,
      {proto::EventKind::typing, {}, caller.now, describe(caller.person), Topic::literal(call.on ? "on" : "off")});
  return proto::Done{};
}

}  // namespace hubbub::server
