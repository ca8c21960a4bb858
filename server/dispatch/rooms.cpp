// The directory's rooms: by name, with their members, topics and subscriptions. Their messages are at their homes.
#include <algorithm>

#include "common/log.hpp"
#include "server/dispatch/directory.hpp"

namespace hubbub::server {

namespace {

tl::unexpected<Error> not_a_member(const RoomName& name) {
  return fail(Status::failed_precondition, "you have not joined " + display(name));
}

std::string limit(std::size_t number, std::string_view what) {
  return "there are " + std::to_string(number) + ' ' + std::string(what) + " already, as many as the hub allows";
}

/// A list of rooms must fit into a frame.
constexpr std::size_t rooms_per_reply_max =
    (limits::frame_bytes_max - 4096) / (limits::room_name_bytes_max + limits::topic_bytes_max + 32);

/// A rule for `@*` holds for every direct room.
RoomName name_for_rules(const std::string& key) { return RoomName::literal(key.starts_with('@') ? "@a" : key); }

}  // namespace

// ── finding and making ───────────────────────────────────────────────────────────────────────────────────────────────

std::string Directory::direct_key(const PersonName& one, const PersonName& other) {
  const auto& [first, second] = std::minmax(one.str(), other.str());
  return '@' + first + '+' + second;
}

RoomName Directory::name_for(const RoomEntry& room, const PersonEntry& who) {
  if (!room.direct()) return RoomName::literal(room.key);
  for (const auto& [name, member] : room.members)
    if (member != &who) return RoomName::literal('@' + name);
  return RoomName::literal('@' + who.name.str());  // notes to oneself
}

Directory::RoomEntry* Directory::find(const RoomName& name, const PersonEntry& who) {
  if (!is_direct(name)) {
    const auto found = rooms_.find(name.str());
    return found == rooms_.end() ? nullptr : found->second.get();
  }
  // By its members and not by its key: the key keeps the names they had when it was made.
  for (const auto& [key, room] : who.rooms)
    if (room->direct() && name_for(*room, who) == name) return room;
  return nullptr;
}

Result<Directory::RoomEntry*> Directory::open(const RoomName& name, PersonEntry& who) {
  if (auto* const found = find(name, who)) return found;
  if (rooms_.size() >= limits_.rooms) return fail(Status::resource_exhausted, limit(limits_.rooms, "rooms"));
  const auto* const whose_dead = room_of_dead(name.str());
  const bool at_least_durable = whose_dead != nullptr && whose_dead->durable;
  if (!outlet_.trouble().empty() && (at_least_durable || policy_for(rules_, name).durability != Durability::memory))
    return fail(Status::unavailable, outlet_.trouble());
  if (is_direct(name)) return open_direct(PersonName::literal(name.str().substr(1)), who);
  auto& room = add_room(name.str(), whose_dead != nullptr ? whose_dead->owner : &who, at_least_durable);
  attach_existing_patterns(room);
  return &room;
}

Result<Directory::RoomEntry*> Directory::open_direct(const PersonName& other, PersonEntry& who) {
  const auto found = people_.find(other.str());
  if (found == people_.end())
    return fail(Status::not_found, "nobody called " + other.str() + " has been here; hubbub who lists who is");
  if (who.rooms.size() - joins(who) >= limits_.joins_per_person)
    return fail(Status::resource_exhausted, limit(limits_.joins_per_person, "direct conversations of yours"));
  auto key = direct_key(who.name, other);
  while (rooms_.contains(key)) key += '\'';  // of two people who have had these names before
  auto& room = add_room(std::move(key), nullptr);
  for (auto* const person : {&who, found->second.get()}) add_member(room, *person);
  for (auto* const person : {&who, found->second.get()}) {
    for (const auto ref : person->sessions) {
      auto& session = sessions_.at(ref);
      const auto all = session.wild.find(Pattern::literal("@*"));
      if (all == session.wild.end() || session.attached.contains(room.id.value)) continue;
      std::vector<RoomToAttach> to_attach;
      attach_new(ref, session, room, all->second, {ref, proto::From::seq, Seq{1}, all->second.group, {}}, to_attach);
      outlet_.attach(ref, {}, 0, std::move(to_attach));
    }
  }
  return &room;
}

/// Of a direct room nobody is the owner.
Directory::RoomEntry& Directory::add_room(std::string key, PersonEntry* owner, bool at_least_durable) {
  auto added = std::make_unique<RoomEntry>();
  added->id = RoomId{next_room_id_++};
  added->key = std::move(key);
  added->gauges = std::make_shared<RoomGauges>();
  auto policy = policy_for(rules_, name_for_rules(added->key));
  if (at_least_durable && policy.durability == Durability::memory) policy.durability = Durability::commit;
  added->durable = keeps_ && policy.durability != Durability::memory;
  if (added->durable) {
    Changes made{{RoomMade{added->id, added->key}}, {}};
    if (owner != nullptr && owner->kept) made.list.push_back(RoomOwned{added->id, owner->name.str()});
    outlet_.change(std::move(made), [] {});  // before anybody can say anything there
    outlet_.open_durable_room({added->id, added->key}, policy, added->gauges);
  } else {
    outlet_.open_room(added->id, added->gauges);
  }
  added->owner = owner;
  if (owner != nullptr) owner->owned.insert(added.get());
  rooms_by_id_.emplace(added->id, added.get());
  auto& place = rooms_[added->key];
  place = std::move(added);
  return *place;
}

/// Whoever waits for rooms like this one gets it from its first message on.
void Directory::attach_existing_patterns(RoomEntry& room) {
  patterns_.match(RoomName::literal(room.key), [&](const Subscriber& waiting) {
    auto& session = sessions_.at(waiting.session);
    std::vector<RoomToAttach> to_attach;
    const Subscription how{waiting.group, waiting.events, waiting.acks};
    std::size_t made = 0;
    if ((how.acks.any() && !may_have_acks(room, false)) || !check_group(room, how, made)) return;
    attach_new(waiting.session, session, room, how,
               {waiting.session, proto::From::seq, Seq{1}, waiting.group, {}, waiting.acks}, to_attach);
    if (!to_attach.empty()) outlet_.attach(waiting.session, {}, 0, std::move(to_attach));
  });
}

/// Adds the room to `to_attach`, unless the session has it already or has as many as it may.
void Directory::attach_new(SessionRef ref, SessionEntry& session, RoomEntry& room, const Subscription& how,
                           AttachWish wish, std::vector<RoomToAttach>& to_attach) {
  const bool had = session.attached.contains(room.id.value);
  if (!had && session.attached.size() >= limits_.rooms_per_session) {
    if (!std::exchange(session.told_of_rooms_max, true))
      log::warn("a session has as many rooms as it may (limits.rooms_per_session): it isn't given new ones",
                {{"session", ref.number()}, {"name", session.person->name.str()}, {"room", room.key}});
    return;
  }
  if (how.events) room.watchers.insert(ref);
  if (had) return;
  auto name = name_for(room, *session.person);
  session.attached.emplace(room.id.value, Attached{&room, how.group, name, how.acks.any()});
  enter_group(room, how.group, how.acks.any());
  to_attach.push_back({room.id, std::move(name), std::move(wish)});
}

void Directory::add_member(RoomEntry& room, PersonEntry& who) {
  if (room.durable) {
    keep_person(who);
    note(MemberAdded{room.id, who.name.str()});
  }
  room.members.emplace(who.name.str(), &who);
  who.rooms.emplace(room.key, &room);
}

/// One of the two of a direct room is nobody any more: the other loses it too, so as not to take it for another one.
void Directory::dissolve(RoomEntry& room) {
  for (const auto& [name, other] : room.members) {
    if (room.durable) note(MemberRemoved{room.id, name});
    other->rooms.erase(room.key);
    for (const auto ref : other->sessions) {
      auto& session = sessions_.at(ref);
      const auto had = session.attached.extract(room.id.value);
      if (!had) continue;
      leave_group(had.mapped());
      if (const auto pattern = Pattern::parse(had.mapped().name.str())) session.named.erase(*pattern);
      outlet_.detach(ref, {room.id});
    }
  }
  room.members.clear();
  room.watchers.clear();
}

/// Rooms that somebody has joined, without their direct ones, which others may open.
std::size_t Directory::joins(const PersonEntry& who) {
  return static_cast<std::size_t>(
      std::ranges::count_if(who.rooms, [](const auto& entry) { return !entry.second->direct(); }));
}

Directory::Outcome<proto::RoomOpen::Reply> Directory::handle(const Caller& caller, const proto::RoomOpen& call) {
  const auto room = open(call.room, caller.person);
  if (!room) return tl::unexpected(room.error());
  outlet_.admit(caller.ref, (*room)->id);
  return proto::RoomOpen::Reply{(*room)->id, last_of(**room), (*room)->durable};
}

// ── members ──────────────────────────────────────────────────────────────────────────────────────────────────────────

Directory::Outcome<proto::RoomJoin::Reply> Directory::handle(const Caller& caller, const proto::RoomJoin& call) {
  const auto opened = open(call.room, caller.person);
  if (!opened) return tl::unexpected(opened.error());
  auto& room = **opened;
  auto& who = caller.person;
  if (!room.members.contains(who.name.str())) {
    if (room.members.size() >= limits_.members_per_room)
      return fail(Status::resource_exhausted, limit(room.members.size(), "members in " + display(call.room)));
    if (joins(who) >= limits_.joins_per_person)
      return fail(Status::resource_exhausted, limit(limits_.joins_per_person, "rooms that you have joined"));
    add_member(room, who);
    if (!room.cursors.contains({&who, {}}))  // what was said before is not for this member to catch up with
      move_cursor(room, who, {}, last_of(room), caller.now);
    tell_room(room, {proto::EventKind::joined, {}, caller.now, describe(who), {}});
  } else if (room.durable) {
    note_unchanged();
  }
  outlet_.admit(caller.ref, room.id);
  return proto::RoomJoin::Reply{room.id, room.topic, last_of(room), read_by(room, who, {})};
}

Directory::Outcome<proto::Done> Directory::handle(const Caller& caller, const proto::RoomLeave& call) {
  auto* const room = find(call.room, caller.person);
  if (room == nullptr) return no_such_room(call.room);
  if (const auto had = caller.session.attached.find(room->id.value); had != caller.session.attached.end())
    drop_subscription(caller, Pattern::literal(RoomName(had->second.name).str()));  // by the name it began under, too
  drop_subscription(caller, Pattern::literal(call.room.str()));
  if (room->direct()) return proto::Done{};  // the two of it are its members for good
  if (room->members.erase(caller.person.name.str()) == 0) return not_a_member(call.room);
  caller.person.rooms.erase(room->key);
  if (room->durable) note(MemberRemoved{room->id, caller.person.name.str()});
  tell_room(*room, {proto::EventKind::left, {}, caller.now, describe(caller.person), {}});
  return proto::Done{};
}

Directory::Outcome<proto::RoomMembers::Reply> Directory::handle(const Caller& caller, const proto::RoomMembers& call) {
  const auto* const room = find(call.room, caller.person);
  if (room == nullptr) return no_such_room(call.room);
  proto::RoomMembers::Reply reply;
  for (const auto& [name, person] : room->members) reply.members.push_back(describe(*person));
  return reply;
}

// ── topics and lists ─────────────────────────────────────────────────────────────────────────────────────────────────

Directory::Outcome<proto::RoomTopic::Reply> Directory::handle(const Caller& caller, const proto::RoomTopic& call) {
  const auto* const room = find(call.room, caller.person);
  if (room == nullptr) return no_such_room(call.room);
  return proto::RoomTopic::Reply{room->topic, Text::literal(room->topic_by), room->topic_at};
}

Directory::Outcome<proto::Done> Directory::handle(const Caller& caller, const proto::RoomSetTopic& call) {
  const auto opened = open(call.room, caller.person);
  if (!opened) return tl::unexpected(opened.error());
  auto& room = **opened;
  room.topic = call.topic;
  room.topic_by = caller.person.name.str();
  room.topic_at = caller.now;
  if (room.durable) note(TopicSet{room.id, room.topic.str(), room.topic_by, room.topic_at});
  tell_room(room, {proto::EventKind::topic, {}, caller.now, describe(caller.person), call.topic});
  return proto::Done{};
}

/// By name, as `who` knows them.
std::vector<Directory::RoomEntry*> Directory::matching(const Pattern& pattern, PersonEntry& who) {
  std::vector<RoomEntry*> found;
  if (pattern.str().starts_with('@')) {
    for (const auto& [key, room] : who.rooms)
      if (room->direct() && matches(pattern, name_for(*room, who))) found.push_back(room);
    std::ranges::sort(found, {}, [&](const RoomEntry* room) { return name_for(*room, who); });
    return found;
  }
  for (const auto& [key, room] : rooms_)
    if (!room->direct() && matches(pattern, RoomName::literal(key))) found.push_back(room.get());
  return found;
}

Directory::Outcome<proto::RoomList::Reply> Directory::handle(const Caller& caller, const proto::RoomList& call) {
  proto::RoomList::Reply reply;
  const auto wanted = std::min<std::size_t>(call.limit, rooms_per_reply_max);
  for (const auto* const room : matching(call.pattern, caller.person)) {
    auto name = name_for(*room, caller.person);
    if (name.str() <= call.after.str()) continue;
    if (reply.rooms.size() == wanted) {
      reply.more = true;
      break;
    }
    reply.rooms.push_back(
        {std::move(name), room->topic, last_of(*room), static_cast<std::uint32_t>(room->members.size()),
         room->gauges->subscribers.load(std::memory_order_relaxed), room->members.contains(caller.person.name.str()),
         read_by(*room, caller.person, {}), Text::literal(room->owner == nullptr ? "" : room->owner->name.str())});
  }
  return reply;
}

// ── subscriptions ────────────────────────────────────────────────────────────────────────────────────────────────────

Directory::Outcome<proto::RoomSubscribe::Reply> Directory::handle(const Caller& caller,
                                                                  const proto::RoomSubscribe& call) {
  if (!proto::is_known(call.from))
    return fail(Status::invalid_argument, "from is one of now, seq, last, time and cursor");
  if (call.from == proto::From::time && !call.group.empty())
    return fail(Status::invalid_argument, "a queue group begins now or at a seq, not at a time");
  if (auto good = check_acks(call); !good) return tl::unexpected(good.error());
  auto& session = caller.session;
  std::vector<RoomEntry*> rooms;
  if (is_wild(call.pattern)) {
    if (!session.wild.contains(call.pattern) && session.wild.size() >= limits_.patterns_per_session)
      return fail(Status::resource_exhausted, limit(session.wild.size(), "patterns in this session"));
    rooms = matching(call.pattern, caller.person);
    if (call.at_once > 0) std::erase_if(rooms, [](const auto* room) { return !may_have_acks(*room, false); });
  } else {
    if (!session.named.contains(call.pattern) && session.named.size() >= limits_.rooms_per_session)
      return fail(Status::resource_exhausted, limit(session.named.size(), "rooms that this session subscribes to"));
    const auto room = open(RoomName::literal(call.pattern.str()), caller.person);
    if (!room) return tl::unexpected(room.error());
    rooms.push_back(*room);
  }
  const Subscription how{
      call.group, call.events, {call.at_once, call.attempts_max, call.backoff_ms, call.backoff_ms_max}};
  std::size_t more = 0, made = 0;
  for (const auto* const room : rooms) {
    if (auto good = check_group(*room, how, made); !good) return tl::unexpected(good.error());
    const auto had = session.attached.find(room->id.value);
    if (had == session.attached.end())
      ++more;
    else if (had->second.group != call.group || had->second.acked != how.acks.any())
      return fail(Status::already_exists, "this session receives " + display(name_for(*room, caller.person)) +
                                              " already; use another connection for a group");
  }
  if (session.attached.size() + more > limits_.rooms_per_session)
    return fail(Status::resource_exhausted, limit(session.attached.size(), "rooms that this session receives"));

  const bool had_events = drop_subscription_entry(caller, call.pattern);
  session.subscriptions_like(call.pattern).emplace(call.pattern, how);
  const bool indexed = is_wild(call.pattern) && !call.pattern.str().starts_with('@');
  if (indexed) patterns_.add(call.pattern, {caller.ref, call.group, call.events, how.acks});

  std::vector<RoomToAttach> to_attach;
  for (auto* const room : rooms) attach_new(caller.ref, session, *room, how, wish_for(caller, *room, call), to_attach);
  if (had_events && !how.events)
    for (const auto* const room : rooms) let_go(caller.ref, session, session.attached.at(room->id.value));
  outlet_.attach(caller.ref, caller.call, rooms.size(), std::move(to_attach));
  return Later{};
}

/// Forgets the pattern alone; what it has attached stays. True if it was there and asked for events.
bool Directory::drop_subscription_entry(const Caller& caller, const Pattern& pattern) {
  const auto dropped = caller.session.subscriptions_like(pattern).extract(pattern);
  if (!dropped) return false;
  patterns_.remove(pattern, caller.ref);
  return dropped.mapped().events;
}

bool Directory::holds(const Pattern& pattern, const Attached& attached, const PersonEntry& who) {
  return matches(pattern, attached.name) ||
         (attached.room->direct() && matches(pattern, name_for(*attached.room, who)));
}

/// Which of the session's subscriptions hold this room. Cost: a look at each of its patterns.
Directory::Hold Directory::hold_on(const SessionEntry& session, const Attached& attached) {
  Hold hold;
  const auto by = [&hold](const Subscription& subscription) {
    hold.any = true;
    hold.events |= subscription.events;
  };
  for (const auto& name : {attached.name, name_for(*attached.room, *session.person)})
    if (const auto found = session.named.find(Pattern::literal(name.str())); found != session.named.end())
      by(found->second);
  for (const auto& [pattern, subscription] : session.wild)
    if (holds(pattern, attached, *session.person)) by(subscription);
  return hold;
}

/// After the session has one subscription to this room fewer, or one without events: true if there is no other.
bool Directory::let_go(SessionRef ref, const SessionEntry& session, const Attached& attached) {
  const auto hold = hold_on(session, attached);
  if (!hold.events) attached.room->watchers.erase(ref);
  return !hold.any;
}

/// Forgets the pattern and detaches what no other pattern of the session holds.
void Directory::drop_subscription(const Caller& caller, const Pattern& pattern) {
  drop_subscription_entry(caller, pattern);
  auto& session = caller.session;
  std::vector<RoomId> dropped;
  for (const auto& [id, attached] : session.attached)
    if (holds(pattern, attached, caller.person) && let_go(caller.ref, session, attached)) dropped.push_back(RoomId{id});
  for (const auto id : dropped) {
    leave_group(session.attached.at(id.value));
    session.attached.erase(id.value);
  }
  if (!dropped.empty()) outlet_.detach(caller.ref, std::move(dropped));
}

Directory::Outcome<proto::Done> Directory::handle(const Caller& caller, const proto::RoomUnsubscribe& call) {
  if (!caller.session.subscriptions_like(call.pattern).contains(call.pattern))
    return fail(Status::not_found, "this session has no subscription to " + call.pattern.str());
  drop_subscription(caller, call.pattern);
  return proto::Done{};
}

// ── what a room's home answers ───────────────────────────────────────────────────────────────────────────────────────

Directory::Outcome<proto::RoomPost::Reply> Directory::handle(const Caller& caller, const proto::RoomPost& call) {
  auto message = message_from(caller.person, call.kind, call.retain, call.headers, call.body.bytes);
  if (!message) return tl::unexpected(message.error());
  const auto room = open(call.room, caller.person);
  if (!room) return tl::unexpected(room.error());
  message->client = caller.session.client;
  message->question = caller.question;
  outlet_.post(caller.ref, caller.call, (*room)->id, *std::move(message));
  return Later{};
}

Directory::Outcome<proto::RoomHistory::Reply> Directory::handle(const Caller& caller, const proto::RoomHistory& call) {
  const auto* const room = find(call.room, caller.person);
  if (room == nullptr) return no_such_room(call.room);
  outlet_.history(caller.ref, caller.call, room->id, call.before, call.limit);
  return Later{};
}

Directory::Outcome<proto::RoomNext::Reply> Directory::handle(const Caller& caller, const proto::RoomNext& call) {
  const auto room = open(call.room, caller.person);
  if (!room) return tl::unexpected(room.error());
  outlet_.wait_for_next(caller.ref, caller.call, (*room)->id, call.after);
  return Later{};
}

Directory::Outcome<proto::RoomTrace::Reply> Directory::handle(const Caller& caller, const proto::RoomTrace& call) {
  const auto* const room = find(call.room, caller.person);
  if (room == nullptr) return no_such_room(call.room);
  outlet_.trace(caller.ref, caller.call, room->id, call.seq);
  return Later{};
}

}  // namespace hubbub::server
