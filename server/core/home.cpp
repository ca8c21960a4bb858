#include "server/core/home.hpp"

#include "server/core/core.hpp"
#include "server/dispatch/directory.hpp"

namespace hubbub::server {

namespace {

/// A disk that couldn't be read for a queue group.
constexpr auto read_again_after = std::chrono::seconds(1);

/// Messages that expire are looked at no less often.
constexpr auto look_at_the_clock_after = std::chrono::seconds(1);

constexpr std::string_view no_memory = "the hub has no memory for it now; send it again later";

TailBounds bounds_for(const Config& config, unsigned cores) {
  return {config.tail.messages, config.tail.bytes, config.tail.total_bytes / cores};
}

}  // namespace

Home::Home(Core& core, unsigned cores, const Config& config, Store* store)
    : core_(core),
      budget_{bounds_for(config, cores)},
      passed_over_(cores),
      read_again_(core.loop()),
      expire_timer_(core.loop()),
      groups_timer_(core.loop()) {
  if (store != nullptr) logs_ = std::make_unique<DurableLogs>(*store, core.index());
}

void Home::reconfigure(const Config& config) { budget_.bounds = bounds_for(config, core_.core_count()); }

void Home::open(RoomId room, std::shared_ptr<RoomGauges> gauges) {
  place_of(room) = std::make_unique<Room>(room, core_.core_count(), std::move(gauges), budget_, producers_, *this);
}

void Home::open_durable(const KeptRoom& kept, const RoomPolicy& policy, std::shared_ptr<RoomGauges> gauges) {
  const bool fsync = policy.durability == Durability::fsync;
  place_of(kept.id) =
      std::make_unique<Room>(kept, fsync, core_.core_count(), std::move(gauges), budget_, producers_, *logs_, *this);
  logs_->store.keep(kept.id, policy);
}

std::unique_ptr<Room>& Home::place_of(RoomId room) {
  const auto place = room.value / core_.core_count();
  if (rooms_.size() <= place) rooms_.resize(place + 1);
  return rooms_[place];
}

void Home::set_policy(RoomId id, const RoomPolicy& policy) {
  logs_->store.keep(id, policy);
  if (auto* const room = find(id)) room->set_fsync(policy.durability == Durability::fsync);
}

const std::string& Home::trouble() const {
  static const std::string none;
  return logs_ ? logs_->trouble : none;
}

void Home::set_trouble(const std::string& why) {
  logs_->trouble = why;
  logs_->in_trouble = !why.empty();
  for (const auto& room : rooms_)
    if (room && room->is_durable()) room->on_trouble();
}

Room* Home::find(RoomId room) {
  const auto place = room.value / core_.core_count();
  return place < rooms_.size() ? rooms_[place].get() : nullptr;
}

void Home::mark_dirty(Room& room, bool was_dirty) {
  if (was_dirty || !room.dirty()) return;
  dirty_.push_back(&room);
  core_.need_tick();
}

void Home::publish(Room& room, const Origin& origin, const proto::PublishView& said) {
  const bool was_dirty = room.dirty();
  const auto before = room.newest_numbered();
  try {
    room.publish(origin, said, core_.wall_now());
  } catch (const std::bad_alloc&) {
    refuse(origin.session, {said.room, said.id, said.id, Status::resource_exhausted, Text::literal(no_memory)});
  }
  mark_dirty(room, was_dirty);
  if ((said.flags & proto::flags::traced) != 0 && room.newest_numbered() != before)
    note_numbered(room, origin, said.room);
}

void Home::note_numbered(const Room& room, const Origin& origin, RoomId id) {
  proto::RoomTrace::Reply trace;
  trace.local = origin.local;
  trace.reader_core = origin.session.core;
  trace.home_core = core_.index();
  trace.durability = room.durability();
  trace.read = origin.read_at;
  traces_.numbered(id, room.newest_numbered(), trace);
}

void Home::trace(RoomId id, SessionRef session, CallId call, Seq seq) {
  const auto* const found = traces_.find(id, seq);
  if (found == nullptr)
    return reply(session, call, Status::not_found,
                 "the hub remembers no trace of message " + std::to_string(seq.value) +
                     "; it does of the newest that were published with --trace");
  std::string result;
  proto::encode_value(*found, result);
  reply(session, call, Status::ok, std::move(result));
}

void Home::post(RoomId id, const Origin& origin, const AskedCall& call, const proto::PublishView& said) {
  auto* const room = find(id);
  if (room == nullptr) return reply(origin.session, call.id, Status::internal, "the room has no home");
  const bool was_dirty = room->dirty();
  try {
    room->post(origin, call, said, core_.wall_now());
  } catch (const std::bad_alloc&) {
    reply(origin.session, call.id, Status::resource_exhausted, std::string(no_memory));
  }
  mark_dirty(*room, was_dirty);
}

void Home::redact(RoomId id, SessionRef session, CallId call, const Redaction& wish, const PostedByCall& message) {
  find(id)->read(wish.seq, 1, [=, this](const CatchUp& found) {
    auto& room = *find(id);
    const bool was_dirty = room.dirty();
    const Origin origin{session, message.client, message.from.str(), message.verified};
    try {
      room.redact(origin, {call, message.question}, wish, found, core_.wall_now());
    } catch (const std::bad_alloc&) {
      reply(session, call, Status::resource_exhausted, std::string(no_memory));
    }
    mark_dirty(room, was_dirty);
  });
}

void Home::erased(RoomId id, Seq seq) {
  if (auto* const room = find(id)) room->erased(seq);
}

void Home::expire_later(RoomId id) {
  const auto now = core_.wall_now();
  expire(id, now);
  wait_to_expire(now);
}

/// Notes when to do so again.
void Home::expire(RoomId id, WallTime now) {
  if (const auto before = expiring_.extract(id)) expire_dues_.erase({before.mapped(), id});
  const auto due = find(id)->expire(now);
  if (!due) return;
  expiring_.emplace(id, *due);
  expire_dues_.emplace(*due, id);
}

void Home::expire_due() {
  const auto now = core_.wall_now();
  while (!expire_dues_.empty() && expire_dues_.begin()->first <= now) expire(expire_dues_.begin()->second, now);
  wait_to_expire(now);
}

/// At the latest for a while: the clock may be set meanwhile.
void Home::wait_to_expire(WallTime now) {
  if (expire_dues_.empty()) return;
  const std::chrono::nanoseconds left(std::max(expire_dues_.begin()->first, now).ns - now.ns);
  expire_timer_.expires_after(std::min<std::chrono::nanoseconds>(left, look_at_the_clock_after));
  expire_timer_.async_wait([this](std::error_code error) {
    if (!error) expire_due();
  });
}

void Home::post_later(RoomId id, const Origin& origin, LaterId later, const proto::PublishView& said) {
  auto* const room = find(id);
  if (room == nullptr) return posted(later, LaterOutcome::refused);
  const bool was_dirty = room->dirty();
  try {
    room->post_later(origin, later, said, core_.wall_now());
  } catch (const std::bad_alloc&) {
    posted(later, LaterOutcome::refused);
  }
  mark_dirty(*room, was_dirty);
}

void Home::wait_for_next(RoomId id, SessionRef session, CallId call, Seq after) {
  auto* const room = find(id);
  if (room == nullptr) return reply(session, call, Status::internal, "the room has no home");
  waiters_.emplace(session, Waiter{id, call});
  room->wait_for_next(session, call, after);
}

void Home::forget_waiter(SessionRef session, CallId call) {
  if (const auto id = take_waiter(session, call))
    if (auto* const room = find(*id)) room->forget_waiter(session, call);
}

std::optional<RoomId> Home::take_waiter(SessionRef session, CallId call) {
  for (auto [at, end] = waiters_.equal_range(session); at != end; ++at) {
    if (at->second.call != call) continue;
    const auto room = at->second.room;
    waiters_.erase(at);
    return room;
  }
  return std::nullopt;
}

bool Home::flush() {
  keep_groups();
  if (dirty_.empty()) return false;
  traces_.logged();
  for (auto* const room : std::exchange(dirty_, {})) room->flush();
  return true;
}

// ── to everybody else ────────────────────────────────────────────────────────────────────────────────────────────────

/// True if that core has more waiting than it may: deliveries never wait, so it is passed over. Its readers notice the
/// gap by the next delivery, or by lane_opened().
bool Home::pass_over(unsigned core, RoomId room) {
  auto& there = *core_.hub().cores[core];
  if (core == core_.index() || there.backlog() <= delivery_backlog_bytes_max) return false;
  there.waiters().add(core_.index());
  if (there.backlog() <= delivery_backlog_bytes_max) return false;  // taken meanwhile, perhaps before we were seen
  passed_over_[core].insert(room);
  return true;
}

void Home::lane_opened(unsigned core) {
  for (const auto id : std::exchange(passed_over_[core], {})) {
    auto& room = *find(id);
    core_.run_on(core, [id, last = room.last()](Core& there) { there.fanout().head_moved(id, last); });
    room.serve_groups();
  }
}

void Home::fan_out(const std::vector<std::uint32_t>& subscribers_by_core, const Slice& slice) {
  count(core_.figures().published, slice.messages());
  traces_.committed(slice, subscribers_by_core);
  for (unsigned core = 0; core < subscribers_by_core.size(); ++core) {
    if (subscribers_by_core[core] == 0) continue;
    if (!pass_over(core, slice.room))
      core_.on_core(
          core, [slice](Core& there) { there.fanout().deliver(slice); }, slice.bytes);
  }
  traces_.fanned_out(slice);
}

bool Home::deliver_to(SessionRef session, const GroupName& group, const Slice& slice) {
  if (pass_over(session.core, slice.room)) return false;
  core_.on_core(
      session.core, [session, group, slice](Core& there) { there.fanout().deliver_to(session, group, slice); },
      slice.bytes);
  return true;
}

void Home::acknowledge(SessionRef session, const proto::Published& published) {
  core_.on_session(session, [published](Session& there) { there.tell(published); });
}

void Home::refuse(SessionRef session, const proto::PublishRefused& refused) {
  core_.on_session(session, [refused](Session& there) { there.tell(refused); });
}

void Home::posted(LaterId later, LaterOutcome outcome) {
  core_.with_directory([later, outcome](Directory& directory) { directory.posted(later, outcome); });
}

void Home::report_loss(SessionRef session, const proto::Lost& lost) {
  core_.on_session(session, [lost](Session& there) { there.tell(lost); });
}

void Home::serve_groups_later(RoomId room) {
  const bool waits = !unreadable_.empty();
  unreadable_.insert(room);
  if (waits) return;
  read_again_.expires_after(read_again_after);
  read_again_.async_wait([this](std::error_code error) {
    if (error) return;
    for (const auto id : std::exchange(unreadable_, {})) find(id)->serve_groups();
  });
}

void Home::reply(SessionRef session, CallId call, Status status, std::string result) {
  take_waiter(session, call);
  core_.with_directory([session, call, status, result = std::move(result)](Directory& directory) mutable {
    directory.finished(session, call, {status, std::move(result)});
  });
}

}  // namespace hubbub::server
