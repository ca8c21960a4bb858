#include "server/rooms/room.hpp"

#include <algorithm>
#include <bit>

#include "proto/codec.hpp"

namespace hubbub::server {

namespace {

/// Calls that wait in one room for its next message.
constexpr std::size_t waiters_max = 1024;
constexpr std::string_view retains_no_more =
    "the hub retains as many bytes as it may (half of tail.total_bytes); send it without retain, or take others back";

/// So that the next push_back() can't fail. Grows as push_back() would.
template <class T>
void have_place_for_one_more(std::vector<T>& list) {
  if (list.size() == list.capacity()) list.reserve(std::max<std::size_t>(8, list.capacity() * 2));
}

std::size_t bytes_of(const Slice& retained) { return retained.chunk ? retained.bytes : 0; }

/// The frame of a Retained: that of the Delivery, but for its type.
void write_retained(char* at, const proto::DeliveryPlace& place, const proto::PublishView& said) {
  proto::write_delivery(at, place, said.headers, said.body);
  auto header = proto::read_frame_header(at);
  header.type = proto::Retained::type;
  proto::write_frame_header(at, header);
}

}  // namespace

Room::Room(RoomId id, std::size_t cores, std::shared_ptr<RoomGauges> gauges, TailBudget& budget, RoomOutlet& outlet)
    : id_(id), gauges_(std::move(gauges)), budget_(budget), outlet_(outlet), subscribers_by_core_(cores) {
  log_ = std::make_unique<MemoryLog>(
      budget, [this](Seq last) { on_committed(last); },
      [this] {
        if (pending_.empty()) chunk_ = {};  // nobody needs the rest of it any more
      });
}

Room::~Room() { retain({}); }

// ── saying ───────────────────────────────────────────────────────────────────────────────────────────────────────────

void Room::publish(const Origin& origin, const proto::PublishView& said, WallTime now) {
  if (said.id.value == 0) {
    if (may_take(origin, said))
      append(origin, said, now);
    else
      outlet_.refuse(origin.session, {id_, {}, {}, Status::out_of_range, Text::literal(retains_no_more)});
    return;
  }
  const auto [verdict, seq, expected] = producers_.admit(origin.client, origin.session.number(), said.id);
  switch (verdict) {
    case Producers::Verdict::repeated: return;
    case Producers::Verdict::duplicate:
      if (seq <= last()) return outlet_.acknowledge(origin.session, {id_, said.id, seq});
      acks_.push_back({origin.session, {}, said.id, seq, {}});  // not committed yet
      return;
    case Producers::Verdict::out_of_line: {
      const auto sentence = "publish " + std::to_string(said.id.value) + " came where " +
                            std::to_string(expected.value) + " was expected";
      return outlet_.refuse(origin.session,
                            {id_, said.id, expected, Status::failed_precondition, Text::literal(sentence)});
    }
    case Producers::Verdict::next: break;
  }
  if (!may_take(origin, said))
    return outlet_.refuse(origin.session,
                          {id_, said.id, said.id, Status::out_of_range, Text::literal(retains_no_more)});
  have_place_for_one_more(acks_);
  producers_.expect(origin.client);
  const auto given = append(origin, said, now);
  producers_.taken(origin.client, said.id, given);
  if (!acks_.empty() && acks_.back().session == origin.session) {
    acks_.back().id = said.id;  // one acknowledgement answers all before it
    acks_.back().seq = given;
  } else {
    acks_.push_back({origin.session, {}, said.id, given, {}});
  }
}

void Room::post(const Origin& origin, CallId call, const proto::PublishView& said, WallTime now) {
  if (!may_take(origin, said))
    return outlet_.reply(origin.session, call, Status::out_of_range, std::string(retains_no_more));
  have_place_for_one_more(posts_);
  const auto given = append(origin, said, now);
  posts_.push_back({origin.session, call, {}, given, newest_time_});
}

bool Room::may_take(const Origin& origin, const proto::PublishView& said) const {
  if ((said.flags & proto::flags::retain) == 0 || said.body.empty()) return true;
  return budget_.may_retain(proto::delivery_frame_bytes(origin.from.size(), said.headers.size(), said.body.size()),
                            bytes_of(retained_));
}

Seq Room::append(const Origin& origin, const proto::PublishView& said, WallTime now) {
  // What may fail for want of memory comes first: a message has a number only if it is there.
  const auto bytes = proto::delivery_frame_bytes(origin.from.size(), said.headers.size(), said.body.size());
  char* const at = reserve(bytes);
  have_place_for_one_more(pending_);
  const bool retains = (said.flags & proto::flags::retain) != 0;
  auto copy = retains && !said.body.empty() ? ChunkRef::make(static_cast<std::uint32_t>(bytes)) : ChunkRef();

  newest_ = newest_.next();
  newest_time_ = std::max(newest_time_, now);
  const auto flags =
      static_cast<std::uint8_t>((said.flags & proto::flags::retain) | (origin.verified ? proto::flags::verified : 0));
  const proto::DeliveryPlace place{id_, newest_, newest_time_, flags, said.kind, origin.from};
  proto::write_delivery(at, place, said.headers, said.body);
  if (copy) write_retained(copy->data(), place, said);
  if (retains) retain({std::move(copy), 0, static_cast<std::uint32_t>(bytes), {}, newest_, newest_});
  auto* const batch = pending_.empty() ? nullptr : &pending_.back();
  if (batch != nullptr && batch->chunk == chunk_) {  // without a new reference: that would be two locked adds a message
    batch->bytes += static_cast<std::uint32_t>(bytes);
    batch->last = newest_;
  } else {
    pending_.push_back({chunk_, chunk_used_, static_cast<std::uint32_t>(bytes), id_, newest_, newest_});
  }
  chunk_used_ += static_cast<std::uint32_t>(bytes);
  tick_bytes_ += bytes;
  return newest_;
}

/// A chunk for about four ticks at the pace of the last one: busy rooms write 64 KiB at once, and in quiet ones a
/// message that a slow reader holds keeps little else in memory.
char* Room::reserve(std::size_t bytes) {
  if (!chunk_ || chunk_->capacity() - chunk_used_ < bytes) {
    const auto pace = std::max(tick_bytes_ + bytes, last_tick_bytes_);
    const auto fitting = std::clamp<std::size_t>(std::bit_ceil(4 * pace), chunk_bytes_min, chunk_bytes_max);
    chunk_ = ChunkRef::make(static_cast<std::uint32_t>(std::max(bytes, fitting)));
    chunk_used_ = 0;
  }
  return chunk_->data() + chunk_used_;
}

/// As in MQTT: an empty retained message means that nothing is retained any more.
void Room::retain(Slice frame) {
  budget_.retain(bytes_of(frame), bytes_of(retained_));
  retained_ = std::move(frame);
}

// ── committing, and telling ──────────────────────────────────────────────────────────────────────────────────────────

void Room::flush() {
  last_tick_bytes_ = std::exchange(tick_bytes_, 0);
  for (auto& batch : std::exchange(pending_, {})) {
    committing_.push_back(batch);
    log_->append(batch);
  }
}

void Room::on_committed(Seq last) {
  gauges_->last.store(last.value, std::memory_order_relaxed);
  auto batch = committing_.begin();
  for (; batch != committing_.end() && batch->last <= last; ++batch) outlet_.fan_out(subscribers_by_core_, *batch);
  committing_.erase(committing_.begin(), batch);

  const auto told = [last](const Waiting& waiting) { return waiting.seq <= last; };
  for (const auto& ack : acks_)
    if (told(ack)) outlet_.acknowledge(ack.session, {id_, ack.id, ack.seq});
  std::erase_if(acks_, told);
  for (const auto& post : posts_) {
    if (!told(post)) continue;
    std::string reply;
    proto::encode_value(proto::RoomPost::Reply{post.seq, post.time}, reply);
    outlet_.reply(post.session, post.call, Status::ok, std::move(reply));
  }
  std::erase_if(posts_, told);
  serve_groups();
  if (!next_waiters_.empty()) answer_waiters();
}

// ── hearing ──────────────────────────────────────────────────────────────────────────────────────────────────────────

AttachAnswer Room::attach(const AttachWish& wish) {
  gauges_->subscribers.fetch_add(1, std::memory_order_relaxed);
  AttachAnswer answer{last().next(), last(), {}};
  if (wish.from == proto::From::seq) answer.next = std::clamp(wish.seq, Seq{1}, last().next());
  if (wish.from == proto::From::last && !retained_.chunk) answer.next = std::max(last(), Seq{1});
  // One that isn't committed yet comes as a Delivery.
  if (wish.from == proto::From::last && retained_.chunk && retained_.last <= last()) answer.retained = retained_;
  if (wish.group.empty()) {
    ++subscribers_by_core_[wish.session.core];
    return answer;
  }
  const auto group = groups_.try_emplace(wish.group, answer.next).first;
  group->second.add(wish.session);
  answer.next = group->second.next();
  return answer;
}

void Room::detach(SessionRef session, const GroupName& name) {
  gauges_->subscribers.fetch_sub(1, std::memory_order_relaxed);
  if (name.empty()) {
    --subscribers_by_core_[session.core];
    return;
  }
  const auto group = groups_.find(name);
  if (group == groups_.end()) return;
  group->second.remove(session);
  if (group->second.empty())
    groups_.erase(group);
  else
    serve(name, group->second);
}

void Room::set_ready(SessionRef session, const GroupName& name, bool ready) {
  const auto group = groups_.find(name);
  if (group == groups_.end()) return;
  group->second.set_ready(session, ready);
  if (ready) serve(name, group->second);
}

void Room::give_back(const GroupName& name, Seq first, Seq last) {
  const auto group = groups_.find(name);
  if (group == groups_.end()) return;
  group->second.give_back(first, last);
  serve(name, group->second);
}

void Room::serve_groups() {
  for (auto& [name, group] : groups_) serve(name, group);
}

/// A member may say while it is being served that it takes no more, and give back what it has: that is served by the
/// call that is under way.
void Room::serve(const GroupName& name, QueueGroup& group) {
  if (std::exchange(serving_, true)) return;
  while (group.next() <= last() && serve_one(name, group)) {
  }
  serving_ = false;
}

bool Room::serve_one(const GroupName& name, QueueGroup& group) {
  const auto wanted = group.next();
  bool served = false;
  log_->read(wanted, wanted, 1, [&](const LogRead& found) {
    if (found.first_kept <= wanted) {
      served = !found.slices.empty() && hand_out(name, group, found.slices.front());
    } else if (const auto member = group.pick()) {
      for (const auto& [first, last] : group.lose_before(found.first_kept))
        outlet_.report_loss(*member, {id_, first, last});
      served = true;
    }
  });
  return served;
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

void Room::read(Seq from, std::size_t bytes_max, std::function<void(CatchUp)> then) {
  log_->read(from, newest, bytes_max, [this, from, then = std::move(then)](LogRead found) {
    CatchUp caught{{}, {}, std::move(found.slices), last()};
    if (found.first_kept > from) {
      caught.lost_first = from;
      caught.lost_last = found.first_kept.previous();
    }
    then(std::move(caught));
  });
}

// ── asking ───────────────────────────────────────────────────────────────────────────────────────────────────────────

void Room::history(SessionRef session, CallId call, Seq before, std::uint16_t limit) {
  const Seq end = before.value == 0 ? last() : std::min(before.previous(), last());
  const std::uint64_t wanted = std::min<std::uint64_t>({limit, limits::history_page_messages_max, end.value});
  const Seq from{end.value - wanted + 1};
  log_->read(from, end, SIZE_MAX, [this, session, call](const LogRead& found) {
    std::vector<std::string_view> payloads;
    for (const auto& slice : found.slices)
      for_each_payload(slice, [&](std::string_view payload) { payloads.push_back(payload); });
    proto::RoomHistory::Reply reply{last().value == 0 ? Seq{} : found.first_kept, last(), {}};
    std::size_t bytes = 64;
    for (auto at = payloads.rbegin(); at != payloads.rend(); ++at) {
      bytes += at->size() + sizeof(std::uint32_t);
      if (bytes > limits::history_page_bytes_max) break;
      reply.messages.push_back({std::string(*at)});
    }
    std::ranges::reverse(reply.messages);
    std::string result;
    proto::encode_value(reply, result);
    outlet_.reply(session, call, Status::ok, std::move(result));
  });
}

void Room::wait_for_next(SessionRef session, CallId call, Seq after) {
  if (next_waiters_.size() >= waiters_max)
    return outlet_.reply(session, call, Status::resource_exhausted,
                         "too many calls wait for the next message of this room; subscribe instead");
  const Waiting waiter{session, call, {}, after.value == 0 ? last() : after, {}};
  if (waiter.seq < last())
    answer_next(waiter);
  else
    next_waiters_.push_back(waiter);
}

void Room::forget_waiter(SessionRef session, CallId call) {
  std::erase_if(next_waiters_, [&](const Waiting& w) { return w.session == session && w.call == call; });
}

void Room::answer_waiters() {
  const auto due = std::partition(next_waiters_.begin(), next_waiters_.end(),
                                  [this](const Waiting& waiter) { return waiter.seq >= last(); });
  const std::vector<Waiting> answered(due, next_waiters_.end());
  next_waiters_.erase(due, next_waiters_.end());
  for (const auto& waiter : answered) answer_next(waiter);
}

void Room::answer_next(const Waiting& waiter) {
  log_->read(waiter.seq.next(), newest, 1, [this, waiter](const LogRead& found) {
    if (found.slices.empty()) return;
    proto::RoomNext::Reply reply;
    for_each_payload(found.slices.front(), [&](std::string_view payload) { reply.message.bytes = payload; });
    std::string result;
    proto::encode_value(reply, result);
    outlet_.reply(waiter.session, waiter.call, Status::ok, std::move(result));
  });
}

}  // namespace hubbub::server
