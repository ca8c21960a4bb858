// The queue groups of a room that don't acknowledge: each message to one member. Those that do are in acked_groups.cpp.
//   log --read_ahead--> ReadAhead --serve_one--> hand_out --> a member that is ready, or back
#include "server/rooms/room.hpp"

namespace hubbub::server {

namespace {

/// What is read for a queue group at once.
constexpr std::size_t group_ahead_bytes = 64 * 1024;

}  // namespace

void Room::set_ready(SessionRef session, const GroupName& name, bool ready) {
  acked_.set_ready(session, name, ready);
  const auto group = groups_.find(name);
  if (group == groups_.end()) return;
  group->second.members.set_ready(session, ready);
  if (ready) serve(name, group->second);
}

void Room::give_back(const GroupName& name, Seq first, Seq last) {
  const auto group = groups_.find(name);
  if (group == groups_.end()) return;
  group->second.members.give_back(first, last);
  serve(name, group->second);
}

void Room::serve_groups() {
  for (auto& [name, group] : groups_) serve(name, group);
  acked_.serve();
}

/// A member may say while it is being served that it takes no more, and give back what it has: that is served by the
/// call that is under way.
void Room::serve(const GroupName& name, Group& group) {
  if (std::exchange(serving_, true)) return;
  while (group.members.next() <= last() && !group.reading && serve_one(name, group)) {
  }
  serving_ = false;
}

/// False if nothing more can be handed out now.
bool Room::serve_one(const GroupName& name, Group& group) {
  const auto wanted = group.members.next();
  if (!group.ahead.has(wanted)) return read_ahead(name, group);
  return hand_out(name, group.members, group.ahead.take(wanted));
}

/// True if the log has answered at once.
bool Room::read_ahead(const GroupName& name, Group& group) {
  if (!group.members.has_ready()) return false;
  group.reading = true;
  group.ahead.begin(group.members.next());
  log_->read(group.members.next(), newest, group_ahead_bytes,
             [this, name](const LogRead& found) { found_ahead(name, found); });
  return !group.reading;
}

void Room::found_ahead(const GroupName& name, const LogRead& found) {
  const auto at = groups_.find(name);
  if (at == groups_.end()) return;  // it ended meanwhile
  auto& [members, ahead, reading] = at->second;
  reading = false;
  if (found.first_kept > members.next()) {
    const auto told = members.pick();
    if (!told) return;
    for (const auto& [first, last] : members.lose_before(found.first_kept))
      outlet_.report_loss(*told, {id_, first, last});
  } else if (found.error) {
    return outlet_.serve_groups_later(id_);
  } else if (found.slices.empty()) {
    return;  // trimmed meanwhile, which serves again
  }
  if (!found.slices.empty()) ahead.put(found.slices.front());
  serve(name, at->second);
}

bool Room::hand_out(const GroupName& name, QueueGroup& group, const Slice& slice) {
  group.take_next();
  for (auto tries = group.size(); tries > 0; --tries) {
    const auto member = group.pick();
    if (!member) break;
    if (outlet_.deliver_to(*member, name, slice)) return true;
  }
  group.give_back(slice.first, slice.last);
  return false;
}

}  // namespace hubbub::server
