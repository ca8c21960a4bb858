#include "server/rooms/acked_groups.hpp"

#include "proto/codec.hpp"
#include "proto/erase.hpp"
#include "server/limits.hpp"
#include "server/rooms/room.hpp"

namespace hubbub::server {

namespace {

/// What is read at once of what was never handed out.
constexpr std::size_t ahead_bytes = 64 * 1024;
/// Before the dead are tried again: there are too many rooms, or the disk is full.
constexpr std::chrono::seconds bury_again_after{5};

constexpr std::string_view worker_lost = "its worker was lost";

std::string_view payload_of(const Slice& one) {
  std::string_view payload;
  for_each_payload(one, [&](std::string_view found) { payload = found; });
  return payload;
}

/// A Handed frame, in a chunk of its own.
Slice handed_frame(std::uint16_t attempt, std::uint16_t attempts_max, std::string_view delivery) {
  thread_local std::string frame;
  frame.clear();
  proto::encode(proto::Handed{attempt, attempts_max, {delivery}}, frame);
  const auto bytes = static_cast<std::uint32_t>(frame.size());
  auto chunk = ChunkRef::make(bytes);
  std::memcpy(chunk->data(), frame.data(), bytes);
  return {std::move(chunk), 0, bytes, {}, {}, {}};
}

}  // namespace

// ── members ──────────────────────────────────────────────────────────────────────────────────────────────────────────

AckedGroups::Group* AckedGroups::find(const GroupName& name) {
  const auto found = groups_.find(name);
  return found == groups_.end() ? nullptr : &found->second;
}

void AckedGroups::restore(const std::vector<KeptGroup>& groups) {
  for (const auto& kept : groups) {
    const Seq oldest{kept.next.value - std::min<std::uint64_t>(kept.next.value - 1, bounds::group_unsettled_max)};
    auto state = AckedGroup::restore(kept.next, kept.state).value_or(AckedGroup(oldest));
    groups_.try_emplace(GroupName::literal(kept.name), std::move(state));
  }
}

Seq AckedGroups::attach(SessionRef session, const GroupName& name, const Acks& acks, Seq first) {
  const auto [at, is_new] = groups_.try_emplace(name, AckedGroup(first));
  auto& group = at->second;
  group.state.add(session, acks);
  if (is_new) move(group);
  return group.state.next();
}

bool AckedGroups::detach(SessionRef session, const GroupName& name, const Leaving& leaving) {
  auto* const group = find(name);
  if (group == nullptr || !group->state.has(session)) return false;
  const auto before = group->state.out();
  for (const auto seq : group->state.remove(session, leaving.lost))
    group->dying.emplace(seq, Failure{std::string(worker_lost), {}, leaving.worker});
  if (const auto lost = before - group->state.out(); leaving.lost && lost > 0) {
    group->failed += lost;
    move(*group);
  }
  serve(name, *group);
  return true;
}

void AckedGroups::set_ready(SessionRef session, const GroupName& name, bool ready) {
  auto* const group = find(name);
  if (group == nullptr) return;
  group->state.set_ready(session, ready);
  if (ready) serve(name, *group);
}

void AckedGroups::settle(SessionRef session, const GroupName& name, Settlement settlement) {
  auto* const group = find(name);
  if (group == nullptr) return;
  const bool fails = settlement.verdict == proto::Verdict::again || settlement.verdict == proto::Verdict::dead;
  const auto settled = group->state.settle(session, settlement.seq, settlement.verdict, outlet_.now());
  if (settled == AckedGroup::Settled::not_owed) return;
  if (settled == AckedGroup::Settled::gone) ++group->done;
  if (settled == AckedGroup::Settled::dying) group->dying.emplace(settlement.seq, std::move(settlement.why));
  if (fails) ++group->failed;
  if (settlement.verdict != proto::Verdict::back) move(*group);
  serve(name, *group);
}

void AckedGroups::give_back(SessionRef session, const GroupName& name, Seq seq) {
  auto* const group = find(name);
  if (group == nullptr || !group->state.give_back(session, seq)) return;
  serve(name, *group);
}

/// Its state is to be kept.
void AckedGroups::move(Group& group) {
  if (!log_->is_durable() || std::exchange(group.moved, true) || group.keeping) return;
  outlet_.groups_moved(room_);
}

std::vector<GroupMoved> AckedGroups::take_moved(bool all) {
  std::vector<GroupMoved> moved;
  for (auto& [name, group] : groups_) {
    if (!group.moved || (group.keeping && !all)) continue;
    group.moved = false;
    group.keeping = true;
    moved.push_back({room_, name.str(), group.state.next(), group.state.state()});
  }
  return moved;
}

void AckedGroups::kept(const GroupName& name) {
  auto* const group = find(name);
  if (group == nullptr) return;
  group->keeping = false;
  if (group->moved) outlet_.groups_moved(room_);
}

bool AckedGroups::forget(const GroupName& name) { return groups_.erase(name) > 0; }

// ── handing out ──────────────────────────────────────────────────────────────────────────────────────────────────────

void AckedGroups::serve() {
  for (auto& [name, group] : groups_) serve(name, group);
}

void AckedGroups::erased(Seq seq) {
  for (auto& [name, group] : groups_) {
    group.ahead.erased(seq);
    group.again.erased(seq);
    if (group.burying == seq) group.burying_erased = true;
  }
}

/// A member may say while it is being served that it takes no more: that is served by the call that is under way.
void AckedGroups::serve(const GroupName& name, Group& group) {
  if (std::exchange(group.serving, true)) return;
  const auto now = outlet_.now();
  do {
    while (!group.reading && serve_one(name, group, now)) {
    }
  } while (bury_next(name, group, now));
  plan(group, now);
  group.serving = false;
}

/// False if nothing more can be handed out now.
bool AckedGroups::serve_one(const GroupName& name, Group& group, Time now) {
  if (group.dying.size() > bounds::group_dying_max) return false;
  const auto seq = group.state.wanted(now);
  if (!seq || *seq > log_->last_committed() || !group.state.has_place(now)) return false;
  auto& read_already = group.ahead.has(*seq) ? group.ahead : group.again;
  if (!read_already.has(*seq)) return read(name, group, *seq);
  const auto one = read_already.take(*seq);
  if (!proto::is_erased(payload_of(one))) return hand_out(name, group, one, now);
  group.state.skip(*seq);
  move(group);
  return true;
}

/// True if the log has answered at once.
bool AckedGroups::read(const GroupName& name, Group& group, Seq seq) {
  const bool is_new = seq == group.state.next();
  group.reading = true;
  group.ahead.begin(seq);
  group.again.begin(seq);
  log_->read(seq, is_new ? newest : seq, is_new ? ahead_bytes : 1,
             [this, name, seq](const LogRead& read) { found(name, seq, read); });
  return !group.reading;
}

void AckedGroups::found(const GroupName& name, Seq seq, const LogRead& read) {
  auto* const group = find(name);
  if (group == nullptr) return;  // it was forgotten meanwhile
  group->reading = false;
  const bool is_new = seq == group->state.next();
  if (read.first_kept > seq)
    lose(*group, read.first_kept);
  else if (read.error)
    return outlet_.serve_groups_later(room_);
  else if (read.slices.empty())
    return;  // trimmed meanwhile, which serves again
  if (!read.slices.empty()) (is_new ? group->ahead : group->again).put(read.slices.front());
  serve(name, *group);
}

/// Where nobody is there to hear of it, it is lost once somebody is.
void AckedGroups::lose(Group& group, Seq first_kept) {
  const auto told = group.state.some_member();
  if (!told) return;
  const auto ranges = group.state.lose_before(first_kept, group.burying);
  std::erase_if(group.dying, [&](const auto& one) { return one.first < first_kept && one.first != group.burying; });
  if (ranges.empty()) return;
  move(group);
  for (const auto& [first, last] : ranges) outlet_.report_loss(*told, {room_, first, last});
}

bool AckedGroups::hand_out(const GroupName& name, Group& group, const Slice& one, Time now) {
  const auto member = group.state.pick(now);
  if (!member) return false;
  const auto attempt = group.state.hand(one.first, *member);
  auto frame = handed_frame(attempt, group.state.policy().attempts_max, payload_of(one));
  if (!outlet_.hand_to({*member, room_, name, one.first, std::move(frame)}))
    group.state.settle(*member, one.first, proto::Verdict::back, now);  // and goes on with another
  return true;
}

/// Also for what nobody did: a message that waits becomes due, or a member may be given something again.
void AckedGroups::plan(const Group& group, Time now) {
  auto due = group.state.members() > 0 ? group.state.next_due(now) : std::nullopt;
  if (!group.dying.empty() && !group.burying) due = std::min(due.value_or(group.bury_after), group.bury_after);
  if (due) outlet_.serve_groups_at(room_, *due);
}

// ── the dead ─────────────────────────────────────────────────────────────────────────────────────────────────────────

/// One after the other: each may be as large as a frame. True if there may be another to do now.
bool AckedGroups::bury_next(const GroupName& name, Group& group, Time now) {
  if (group.burying || group.dying.empty() || group.bury_after > now) return false;
  const auto seq = group.dying.begin()->first;
  group.burying = seq;
  group.burying_erased = false;
  log_->read(seq, seq, 1, [this, name, seq](const LogRead& read) { found_dying(name, seq, read); });
  return !group.burying;
}

void AckedGroups::found_dying(const GroupName& name, Seq seq, const LogRead& read) {
  auto* const group = find(name);
  if (group == nullptr || group->burying != seq) return;
  if (read.first_kept > seq) {
    group->burying.reset();
    lose(*group, read.first_kept);
    if (group->dying.erase(seq) > 0) {  // nobody has heard of it
      group->state.buried(seq);
      move(*group);
    }
    return serve(name, *group);
  }
  if (read.slices.empty()) return buried(name, seq, false);
  const auto payload = payload_of(read.slices.front().part(seq, seq, 1));
  if (group->burying_erased || proto::is_erased(payload))
    return buried(name, seq, true);  // nothing is left that could be kept
  outlet_.bury({room_, name, seq, group->state.failed(seq), group->dying.at(seq), std::string(payload)});
}

void AckedGroups::buried(const GroupName& name, Seq seq, bool is_kept) {
  auto* const group = find(name);
  if (group == nullptr || group->burying != seq) return;
  group->burying.reset();
  if (is_kept) {
    group->dying.erase(seq);
    group->state.buried(seq);
    ++group->dead;
    move(*group);
  } else {
    group->bury_after = outlet_.now() + bury_again_after;
  }
  serve(name, *group);
}

// ── looking ──────────────────────────────────────────────────────────────────────────────────────────────────────────

std::vector<proto::GroupInfo> AckedGroups::list() const {
  std::vector<proto::GroupInfo> all;
  for (const auto& [name, group] : groups_) {
    const auto& state = group.state;
    const auto end = log_->last_committed().next();
    proto::GroupInfo info;
    info.name = name;
    info.members = static_cast<std::uint32_t>(state.members());
    info.next = state.next();
    info.behind = end.value - std::min(state.next(), end).value;
    info.out = static_cast<std::uint32_t>(state.out());
    info.waiting = static_cast<std::uint32_t>(state.unsettled() - state.out());
    info.done = group.done;
    info.failed = group.failed;
    info.dead = group.dead;
    info.attempts_max = state.policy().attempts_max;
    all.push_back(std::move(info));
  }
  return all;
}

void AckedGroups::dump(JsonWriter& json) const {
  for (const auto& info : list()) {
    json.begin_object();
    json.field("name", info.name.str());
    json.field("members", info.members);
    json.field("next", info.next.value);
    json.field("out", info.out);
    json.field("waiting", info.waiting);
    json.end();
  }
}

}  // namespace hubbub::server
