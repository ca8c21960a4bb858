// Queue groups with acknowledgements, as the directory sees them: who is in which, and the way of what they couldn't
// handle to the dead.
#include "common/log.hpp"
#include "proto/dead_letters.hpp"
#include "server/dispatch/directory.hpp"

namespace hubbub::server {

namespace {

bool is_for_the_dead(std::string_view room) { return room.ends_with(proto::dead_suffix); }

bool has_room_for_dead(std::string_view room) {
  return room.size() + proto::dead_suffix.size() <= limits::room_name_bytes_max;
}

}  // namespace

// ── who is in which ──────────────────────────────────────────────────────────────────────────────────────────────────

Result<void> Directory::check_acks(const proto::RoomSubscribe& call) {
  if (call.at_once == 0) return {};
  if (call.group.empty()) return fail(Status::invalid_argument, "messages are acknowledged in a queue group; name one");
  if (call.pattern.str().starts_with('@'))
    return fail(Status::invalid_argument,
                "a direct conversation has no queue groups that acknowledge; use a room, or a group that doesn't");
  if (!is_wild(call.pattern) && !has_room_for_dead(call.pattern.str()))
    return fail(Status::invalid_argument,
                "the name of the room is too long for one that keeps its dead messages beside it: " +
                    std::to_string(limits::room_name_bytes_max - proto::dead_suffix.size()) + " bytes at most");
  return {};
}

/// A pattern gives a group no dead messages, which it would only fail to handle again.
bool Directory::may_have_acks(const RoomEntry& room, bool by_name) {
  return !room.direct() && has_room_for_dead(room.key) && (by_name || !is_for_the_dead(room.key));
}

/// `made` counts the groups that a call would make.
Result<void> Directory::check_group(const RoomEntry& room, const Subscription& how, std::size_t& made) const {
  const auto& [group, events, acks] = how;
  if (group.empty()) return {};
  const auto sentence = [&name = group.str(), &room](std::string_view is, std::string_view other) {
    return fail(Status::failed_precondition,
                "the group " + name + " of " + room.key + std::string(is) + " its messages; " + std::string(other));
  };
  if (acks.any() && room.plain_groups.contains(group))
    return sentence(" doesn't acknowledge", "take another name, or end its members first");
  if (!acks.any() && room.acked_groups.contains(group))
    return sentence(" acknowledges", "take another name, or forget that group first (group.forget)");
  const bool is_new = acks.any() && !room.acked_groups.contains(group);
  if (is_new) ++made;
  if (is_new && (room.acked_groups.size() >= bounds::groups_per_room_max || acked_groups_ + made > bounds::groups_max))
    return fail(Status::resource_exhausted, "there are as many queue groups that acknowledge as the hub keeps (" +
                                                std::to_string(bounds::groups_per_room_max) + " of a room, " +
                                                std::to_string(bounds::groups_max) + " in all); group.forget ends one");
  return {};
}

void Directory::enter_group(RoomEntry& room, const GroupName& group, bool acked) {
  if (group.empty()) return;
  const auto [members, is_new] = (acked ? room.acked_groups : room.plain_groups).try_emplace(group, 0);
  ++members->second;
  if (acked && is_new) ++acked_groups_;
}

void Directory::leave_group(const Attached& attached) {
  if (attached.group.empty()) return;
  auto& groups = attached.acked ? attached.room->acked_groups : attached.room->plain_groups;
  const auto members = groups.find(attached.group);
  if (members == groups.end()) return;
  if (--members->second == 0 && !attached.acked) groups.erase(members);
}

Directory::Outcome<proto::GroupList::Reply> Directory::handle(const Caller& caller, const proto::GroupList& call) {
  const auto* const room = find(call.room, caller.person);
  if (room == nullptr) return no_such_room(call.room);
  outlet_.list_groups(caller.ref, caller.call, room->id);
  return Later{};
}

Directory::Outcome<proto::Done> Directory::handle(const Caller& caller, const proto::GroupForget& call) {
  auto* const room = find(call.room, caller.person);
  if (room == nullptr) return no_such_room(call.room);
  const auto group = room->acked_groups.find(call.group);
  if (group == room->acked_groups.end())
    return fail(Status::not_found, "no queue group " + call.group.str() + " of " + display(call.room) +
                                       " acknowledges; group.list lists those that do");
  if (room->owner != nullptr && room->owner != &caller.person && !is_operator(caller.person))
    return fail(Status::permission_denied, "only " + room->owner->name.str() + ", who owns " + display(call.room) +
                                               ", or the hub's operator may end a group of it");
  if (group->second > 0)
    return fail(Status::failed_precondition,
                "the group " + call.group.str() + " has " + std::to_string(group->second) + " members; end them first");
  room->acked_groups.erase(group);
  --acked_groups_;
  KeptReply reply{caller.session.client, caller.call, Status::ok, {}, caller.question};
  proto::encode_value(proto::Done{}, reply.result);
  outlet_.forget_group(caller.ref, room->id, call.group, std::move(reply));
  return Later{};
}

// ── the dead ─────────────────────────────────────────────────────────────────────────────────────────────────────────

const Directory::RoomEntry* Directory::room_of_dead(std::string_view name) const {
  if (!is_for_the_dead(name)) return nullptr;
  const auto found = rooms_.find(std::string(name.substr(0, name.size() - proto::dead_suffix.size())));
  return found == rooms_.end() ? nullptr : found->second.get();
}

/// Durable if the room is, whatever the rules say of its name.
Result<RoomId> Directory::open_dead(const RoomEntry& room) {
  auto key = room.key + std::string(proto::dead_suffix);
  if (const auto found = rooms_.find(key); found != rooms_.end()) {
    if (found->second->durable || !room.durable) return found->second->id;
    return fail(Status::failed_precondition,
                key + " was made before " + room.key + ", in memory: what is durable isn't put there");
  }
  if (rooms_.size() >= limits_.rooms)
    return fail(Status::resource_exhausted, "there are as many rooms as the hub allows (limits.rooms)");
  if (!outlet_.trouble().empty()) return fail(Status::unavailable, outlet_.trouble());
  auto& dead = add_room(std::move(key), room.owner, room.durable);
  attach_existing_patterns(dead);
  return dead.id;
}

/// In the name of whose session had it last, so that they may take it out again.
void Directory::bury(Burial burial) {
  const CallId id{++graves_made_};
  graves_.emplace(id, Grave{burial.room, burial.group, burial.seq});
  const auto& room = *rooms_by_id_.at(burial.room);
  const auto dead = open_dead(room);
  if (!dead) return buried(id, {dead.error().status, dead.error().sentence});
  const auto& worker = burial.why.worker;
  outlet_.bury(id, *dead, dead_letter(burial, room.key), PersonName::literal(worker.name), worker.verified);
}

void Directory::buried(CallId id, const StoredReply& reply) {
  const auto grave = graves_.extract(id);
  if (!grave) return;
  const auto& [room, group, seq] = grave.mapped();
  if (reply.status != Status::ok)
    log::warn("a message can't be put to the dead for now; it is tried again",
              {{"room", rooms_by_id_.at(room)->key}, {"seq", seq.value}, {"reason", reply.result}});
  outlet_.buried(room, group, seq, reply.status == Status::ok);
}

}  // namespace hubbub::server
