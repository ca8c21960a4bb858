// The queue groups that acknowledge, of the rooms whose home this is: to members, to the store, to the dead, and in
// time.
#include <algorithm>

#include "server/core/core.hpp"
#include "server/dispatch/directory.hpp"

namespace hubbub::server {

bool Home::hand_to(const Handing& handing) {
  if (pass_over(handing.session.core, handing.room)) return false;
  core_.on_core(
      handing.session.core, [handing](Core& there) { there.fanout().hand_to(handing); }, handing.frame.bytes);
  return true;
}

void Home::bury(Burial burial) {
  core_.with_directory(
      [burial = std::move(burial)](Directory& directory) mutable { directory.bury(std::move(burial)); });
}

AckedGroup::Time Home::now() { return core_.steady_now(); }

// ── what is kept ─────────────────────────────────────────────────────────────────────────────────────────────────────

void Home::groups_moved(RoomId room) {
  moved_groups_.push_back(room);
  core_.need_tick();
}

void Home::keep_groups() {
  std::vector<GroupMoved> moved;
  for (const auto id : std::exchange(moved_groups_, {}))
    for (auto& one : find(id)->acked().take_moved()) moved.push_back(std::move(one));
  keep(std::move(moved));
}

void Home::keep(std::vector<GroupMoved> moved) {
  if (moved.empty()) return;
  Changes changes;
  std::vector<std::pair<RoomId, GroupName>> kept;
  for (auto& one : moved) {
    kept.emplace_back(one.room, GroupName::literal(one.name));
    changes.list.emplace_back(std::move(one));
  }
  logs_->store.change(core_.index(), std::move(changes), [this, kept = std::move(kept)] {
    for (const auto& [id, name] : kept) find(id)->acked().kept(name);
  });
}

void Home::list_groups(RoomId id, SessionRef session, CallId call) {
  auto* const room = find(id);
  if (room == nullptr) return reply(session, call, Status::internal, "the room has no home");
  if (room->is_durable() && !trouble().empty()) return reply(session, call, Status::unavailable, trouble());
  std::string result;
  proto::encode_value(proto::GroupList::Reply{room->acked().list()}, result);
  const auto answer = [this, session, call, result = std::move(result)] { reply(session, call, Status::ok, result); };
  if (!room->is_durable()) return answer();
  keep(room->acked().take_moved(true));
  logs_->store.change(core_.index(), {}, answer);
}

void Home::forget_group(RoomId id, SessionRef session, const GroupName& name, KeptReply kept) {
  auto* const room = find(id);
  if (room == nullptr) return reply(session, kept.call, Status::internal, "the room has no home");
  room->acked().forget(name);
  const auto answer = [this, session, call = kept.call, result = kept.result] {
    reply(session, call, Status::ok, result);
  };
  if (!room->is_durable()) return answer();
  logs_->store.change(core_.index(), {{GroupForgotten{id, name.str()}}, std::move(kept)}, answer);
}

// ── in time ──────────────────────────────────────────────────────────────────────────────────────────────────────────

void Home::serve_groups_at(RoomId room, AckedGroup::Time time) {
  const auto [due, is_new] = group_dues_.try_emplace(room, time);
  if (!is_new && due->second <= time) return;
  due->second = time;
  wait_for_groups(time);
}

void Home::wait_for_groups(AckedGroup::Time time) {
  if (time >= groups_timer_at_) return;
  groups_timer_at_ = time;
  groups_timer_.expires_at(time);
  groups_timer_.async_wait([this](std::error_code error) {
    if (!error) serve_due_groups();
  });
}

void Home::serve_due_groups() {
  groups_timer_at_ = AckedGroup::Time::max();
  std::vector<RoomId> due;
  for (const auto& [room, time] : group_dues_)
    if (time <= now()) due.push_back(room);
  for (const auto room : due) group_dues_.erase(room);
  for (const auto room : due) find(room)->acked().serve();
  auto next = AckedGroup::Time::max();
  for (const auto& [room, time] : group_dues_) next = std::min(next, time);
  wait_for_groups(next);
}

}  // namespace hubbub::server
