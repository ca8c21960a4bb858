// The directory's cursors: how far each person, and each durable consumer of a person, has read each room. And the
// search in what they may read.
#include <algorithm>

#include "server/dispatch/directory.hpp"

namespace hubbub::server {

Seq Directory::read_by(const RoomEntry& room, const PersonEntry& person, const std::string& consumer) {
  const auto found = room.cursors.find({const_cast<PersonEntry*>(&person), consumer});
  return found == room.cursors.end() ? Seq{} : found->second.seq;
}

void Directory::move_cursor(RoomEntry& room, PersonEntry& person, const std::string& consumer, Seq seq, WallTime now) {
  room.cursors[{&person, consumer}] = {seq, now};
  person.read.insert(&room);
  if (!room.durable) return;
  keep_person(person);
  note(CursorMoved{room.id, person.name.str(), consumer, seq, now});
}

Directory::Outcome<proto::CursorSet::Reply> Directory::handle(const Caller& caller, const proto::CursorSet& call) {
  auto* const room = find(call.room, caller.person);
  if (room == nullptr) return no_such_room(call.room);
  auto& person = caller.person;
  const auto& consumer = call.consumer.str();
  const bool is_new = !room->cursors.contains({&person, consumer});
  if (is_new && count_cursors(person) >= bounds::cursors_per_person_max)
    return fail(Status::resource_exhausted, "you have as many cursors as the hub keeps for a person (" +
                                                std::to_string(bounds::cursors_per_person_max) +
                                                "); cursor.forget drops those of a durable consumer");
  const auto before = read_by(*room, person, consumer);
  const auto wanted = std::min(call.seq, last_of(*room));
  const auto seq = call.back ? wanted : std::max(before, wanted);
  if (seq == before && !is_new) {
    if (room->durable) note_unchanged();
    return proto::CursorSet::Reply{seq};
  }
  move_cursor(*room, person, consumer, seq, caller.now);
  if (consumer.empty()) tell_read(*room, caller, seq);
  return proto::CursorSet::Reply{seq};
}

std::size_t Directory::count_cursors(const PersonEntry& person) {
  std::size_t count = 0;
  for (const auto* const room : person.read) {
    const auto first = room->cursors.lower_bound({const_cast<PersonEntry*>(&person), {}});
    for (auto at = first; at != room->cursors.end() && at->first.first == &person; ++at) ++count;
  }
  return count;
}

/// To the person's other sessions.
void Directory::tell_read(const RoomEntry& room, const Caller& caller, Seq seq) {
  std::vector<SessionRef> others;
  for (const auto session : caller.person.sessions)
    if (session != caller.ref && room.watchers.contains(session)) others.push_back(session);
  if (others.empty()) return;
  proto::Event event{proto::EventKind::read, room.id, caller.now, describe(caller.person), {}, seq};
  hold([this, others = std::move(others), frame = proto::encoded(event)] { outlet_.send(others, frame); });
}

Directory::Outcome<proto::CursorList::Reply> Directory::handle(const Caller& caller, const proto::CursorList& call) {
  constexpr std::size_t cursors_per_reply_max =
      (limits::frame_bytes_max - 4096) / (limits::room_name_bytes_max + sizeof(Seq) * 2 + 1);
  const auto wanted = std::min<std::size_t>({call.limit, cursors_per_reply_max, limits::list_items_max});
  proto::CursorList::Reply reply;
  for (const auto* const room : matching(call.pattern, caller.person)) {
    const auto found = room->cursors.find({&caller.person, call.consumer.str()});
    if (found == room->cursors.end()) continue;
    auto name = name_for(*room, caller.person);
    if (name.str() <= call.after.str()) continue;
    if (reply.cursors.size() == wanted) {
      reply.more = true;
      break;
    }
    reply.cursors.push_back({std::move(name), found->second.seq, last_of(*room)});
  }
  return reply;
}

Directory::Outcome<proto::Done> Directory::handle(const Caller& caller, const proto::CursorForget& call) {
  auto* const room = find(call.room, caller.person);
  if (room == nullptr) return no_such_room(call.room);
  if (call.consumer.empty())
    return fail(Status::invalid_argument, "name the durable consumer; your own cursor stays as long as you do");
  if (room->cursors.erase({&caller.person, call.consumer.str()}) == 0)
    return fail(Status::not_found, "you have no durable consumer " + call.consumer.str() + " in " + display(call.room));
  if (room->durable) note(CursorForgotten{room->id, caller.person.name.str(), call.consumer.str()});
  return proto::Done{};
}

Directory::Outcome<proto::RoomLag::Reply> Directory::handle(const Caller& caller, const proto::RoomLag& call) {
  const auto* const room = find(call.room, caller.person);
  if (room == nullptr) return no_such_room(call.room);
  const auto last = last_of(*room);
  proto::RoomLag::Reply reply{Seq{room->gauges->first.load(std::memory_order_relaxed)}, last, {}};
  for (const auto& [reader, cursor] : room->cursors) {
    const auto& [person, consumer] = reader;
    const auto behind = last.value - std::min(cursor.seq, last).value;
    reply.readers.push_back({person->name, ConsumerName::literal(consumer), cursor.seq, behind, cursor.moved_at,
                             !person->sessions.empty()});
  }
  std::ranges::stable_sort(reply.readers, std::greater(), &proto::LagInfo::behind);
  if (reply.readers.size() > limits::list_items_max) reply.readers.resize(limits::list_items_max);
  return reply;
}

/// Where a subscription begins in this room.
AttachWish Directory::wish_for(const Caller& caller, const RoomEntry& room, const proto::RoomSubscribe& call) const {
  AttachWish wish{caller.ref, call.from,  call.seq,
                  call.group, call.since, {call.at_once, call.attempts_max, call.backoff_ms, call.backoff_ms_max}};
  if (call.from != proto::From::cursor) return wish;
  const auto found = room.cursors.find({&caller.person, call.consumer.str()});
  if (found != room.cursors.end()) wish.seq = found->second.seq.next();
  wish.from = wish.seq == Seq{} ? proto::From::now : proto::From::seq;
  return wish;
}

// ── searching ────────────────────────────────────────────────────────────────────────────────────────────────────────

Directory::Outcome<proto::RoomSearch::Reply> Directory::handle(const Caller& caller, const proto::RoomSearch& call) {
  SearchWish wish{call.words.str(), {}, call.from.str(), call.since, call.until, call.before, call.limit};
  std::map<RoomId, RoomName> names;
  for (const auto* const room : matching(call.pattern, caller.person))
    if (room->durable) names.emplace(room->id, name_for(*room, caller.person));
  for (const auto& [id, name] : names) wish.rooms.push_back(id);
  outlet_.search(std::move(wish),
                 [this, ref = caller.ref, id = caller.call, names = std::move(names)](Result<SearchFound> found) {
                   if (!found) return finished(ref, id, {found.error().status, found.error().sentence});
                   proto::RoomSearch::Reply reply{{}, found->more, found->unindexed};
                   for (auto& hit : found->hits) reply.hits.push_back({names.at(hit.room), {std::move(hit.delivery)}});
                   StoredReply stored;
                   proto::encode_value(reply, stored.result);
                   finished(ref, id, std::move(stored));
                 });
  return Later{};
}

}  // namespace hubbub::server
