#include "server/rooms/room.hpp"

#include <algorithm>
#include <bit>

#include "proto/codec.hpp"
#include "proto/methods/messages.hpp"

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

/// A run that begins with this publish; nothing if the batch's last run goes on with it, and has a place for it.
std::optional<PublishRun> run_for(Batch& batch, const Producers::Publication& publication, Seq at) {
  if (!batch.runs.empty()) {
    auto& run = batch.runs.back();
    const auto count = run.hashes.size();
    if (run.producer == publication.client && run.epoch == publication.epoch &&
        run.first.value + count == publication.id.value && run.at.value + count == at.value) {
      have_place_for_one_more(run.hashes);
      return std::nullopt;
    }
  }
  have_place_for_one_more(batch.runs);
  return PublishRun{publication.client, publication.epoch, publication.id, at, {publication.hash}};
}

/// What the message's marks cause; nothing where it has none.
std::optional<Marked> marked_of(const proto::PublishView& said, Seq seq, WallTime now) {
  if ((said.flags & proto::flags::marked) == 0) return std::nullopt;
  const auto marks = proto::read_marks(said.headers);
  if (!marks || !marks->any()) return std::nullopt;
  const bool amends_the_past = marks->target < seq;
  constexpr std::uint64_t ns_per_ms = 1'000'000;
  const WallTime due{marks->ttl_ms == 0 ? 0 : now.ns + marks->ttl_ms * ns_per_ms};
  return Marked{
      seq,           due,        std::string(marks->key), amends_the_past ? marks->amends : proto::Amends::nothing,
      marks->target, marks->undo};
}

/// The frame of a Retained: that of the Delivery, but for its type.
void write_retained(char* at, const proto::DeliveryPlace& place, const proto::PublishView& said) {
  proto::write_delivery(at, place, said.headers, said.body);
  auto header = proto::read_frame_header(at);
  header.type = proto::Retained::type;
  proto::write_frame_header(at, header);
}

}  // namespace

Room::Room(RoomId id, std::size_t cores, std::shared_ptr<RoomGauges> gauges, TailBudget& budget,
           ProducerBudget& producers, RoomOutlet& outlet)
    : id_(id),
      gauges_(std::move(gauges)),
      budget_(budget),
      outlet_(outlet),
      producers_(producers),
      subscribers_by_core_(cores) {
  log_ = std::make_unique<MemoryLog>(
      budget, [this](Seq last) { on_committed(last); }, [this] { let_go_of_chunk(); });
  log_->on_erased([this](Seq seq) { on_erased(seq); });
}

Room::Room(const KeptRoom& kept, bool fsync, std::size_t cores, std::shared_ptr<RoomGauges> gauges, TailBudget& budget,
           ProducerBudget& producers, DurableLogs& logs, RoomOutlet& outlet)
    : id_(kept.id),
      gauges_(std::move(gauges)),
      budget_(budget),
      outlet_(outlet),
      producers_(producers, kept.producers),
      newest_(kept.last),
      newest_time_(kept.time),
      flushed_(kept.last),
      fsync_(fsync),
      subscribers_by_core_(cores) {
  log_ = std::make_unique<DurableLog>(
      logs, budget, id_, kept.last, kept.first_kept, [this](Seq last) { on_committed(last); },
      [this] { let_go_of_chunk(); });
  log_->on_erased([this](Seq seq) { on_erased(seq); });
  gauges_->last.store(kept.last.value, std::memory_order_relaxed);
  gauges_->first.store(kept.first_kept.value, std::memory_order_relaxed);
  if (!kept.retained.empty()) restore_retained(kept.retained);
  acked_.restore(kept.groups);
}

Room::~Room() { retain({}); }

proto::Durability Room::durability() const {
  if (!is_durable()) return proto::Durability::memory;
  return fsync_ ? proto::Durability::fsync : proto::Durability::commit;
}

/// The log keeps nothing any more: nobody needs the rest of the chunk.
void Room::let_go_of_chunk() {
  if (pending_.empty()) chunk_ = {};
}

void Room::restore_retained(const std::string& frame) {
  const auto bytes = static_cast<std::uint32_t>(frame.size());
  auto copy = ChunkRef::make(bytes);
  std::memcpy(copy->data(), frame.data(), frame.size());
  const auto seq = proto::seq_of_delivery(std::string_view(frame).substr(proto::frame_header_bytes)).value_or(Seq{});
  retain({std::move(copy), 0, bytes, {}, seq, seq});
}

// ── saying ───────────────────────────────────────────────────────────────────────────────────────────────────────────

void Room::publish(const Origin& origin, const proto::PublishView& said, WallTime now) {
  const auto hash = log_->is_durable() && said.id.value != 0 ? hash_of(said) : 0;
  const Producers::Publication publication{origin.client, origin.epoch, said.id, hash};
  if (said.id.value != 0) {
    const auto admission = producers_.admit(publication, origin.session.number());
    if (admission.verdict != Producers::Verdict::next) return refuse_publish(origin, said, admission);
  }
  if (!log_->trouble().empty()) return refuse_in_trouble(origin, said);
  if (!may_take(origin, said))
    return outlet_.refuse(origin.session,
                          {id_, said.id, said.id, Status::out_of_range, Text::literal(retains_no_more)});
  if (said.id.value == 0)
    append(origin, said, now);
  else
    take(origin, said, publication, now);
}

void Room::take(const Origin& origin, const proto::PublishView& said, const Producers::Publication& publication,
                WallTime now) {
  have_place_for_one_more(acks_);
  producers_.expect(origin.client);
  const auto given = append(origin, said, now, &publication);
  producers_.taken(publication, given);
  // One acknowledgement answers all before it; but not of batches that are committed before.
  if (!acks_.empty() && acks_.back().session == origin.session && acks_.back().seq > flushed_) {
    acks_.back().id = said.id;
    acks_.back().seq = given;
  } else {
    acks_.push_back({origin.session, {}, said.id, given});
  }
}

/// Or acknowledges it again.
void Room::refuse_publish(const Origin& origin, const proto::PublishView& said, const Producers::Admission& admission) {
  using Verdict = Producers::Verdict;
  const auto refuse = [&](PublishId expected, Status status, const std::string& sentence, proto::Refusal why) {
    outlet_.refuse(origin.session, {id_, said.id, expected, status, Text::literal(sentence), why});
  };
  const auto number = std::to_string(said.id.value);
  switch (admission.verdict) {
    case Verdict::next:
    case Verdict::repeated: return;
    case Verdict::duplicate:
      if (admission.settled_by <= last()) return outlet_.acknowledge(origin.session, {id_, said.id, admission.seq});
      if (log_->trouble().empty()) return acknowledge_later(origin.session, said.id, admission);
      return refuse(said.id, Status::unavailable, log_->trouble(), proto::Refusal::unknown_outcome);
    case Verdict::out_of_line:
      return refuse(admission.expected, Status::failed_precondition,
                    "publish " + number + " came where " + std::to_string(admission.expected.value) + " was expected",
                    proto::Refusal::gap);
    case Verdict::unknown:
      return refuse(admission.expected, Status::failed_precondition,
                    "the room knows nothing of this client, so it can't have taken what came before publish " + number,
                    proto::Refusal::unknown_producer);
    case Verdict::conflict:
      return refuse(admission.expected, Status::already_exists,
                    "publish " + number + " was another message before, now number " +
                        std::to_string(admission.seq.value) + " of the room; two programs use one client id",
                    proto::Refusal::conflict);
    case Verdict::fenced:
      return refuse(admission.expected, Status::permission_denied,
                    "this client id was registered again since, by another program", proto::Refusal::fenced);
  }
}

/// A publish that was sent again before its commit. One acknowledgement answers all that a session sends again.
void Room::acknowledge_later(SessionRef session, PublishId id, const Producers::Admission& admission) {
  const bool waits = !acks_.empty() && acks_.back().session == session && acks_.back().seq == admission.settled_by;
  if (!waits) acks_.push_back({session, {}, id, admission.settled_by});
  acks_.back().id = id;
  acks_.back().seq_is_known = admission.seq != Seq{};
}

/// Nothing of it is kept. Who asks for no acknowledgement is told once.
void Room::refuse_in_trouble(const Origin& origin, const proto::PublishView& said) {
  if (said.id.value == 0 && !told_of_trouble_.insert(origin.session).second) return;
  outlet_.refuse(origin.session, {id_, said.id, said.id, Status::unavailable, Text::literal(log_->trouble())});
}

void Room::on_trouble() {
  told_of_trouble_.clear();
  if (log_->trouble().empty()) return;
  for (const auto& ack : std::exchange(acks_, {}))
    outlet_.refuse(ack.session, {id_, ack.id, ack.id, Status::unavailable, Text::literal(log_->trouble()),
                                 proto::Refusal::unknown_outcome});
}

void Room::trimmed(Seq first_kept) {
  static_cast<DurableLog&>(*log_).trimmed(first_kept);
  gauges_->first.store(log_->first_kept().value, std::memory_order_relaxed);
  serve_groups();
}

void Room::post(const Origin& origin, const AskedCall& call, const proto::PublishView& said, WallTime now) {
  if (!log_->trouble().empty()) return outlet_.reply(origin.session, call.id, Status::unavailable, log_->trouble());
  if (!may_take(origin, said))
    return outlet_.reply(origin.session, call.id, Status::out_of_range, std::string(retains_no_more));
  std::string reply;
  proto::encode_value(proto::RoomPost::Reply{newest_.next(), std::max(newest_time_, now)}, reply);
  post_and_reply(origin, call, said, now, std::move(reply));
}

/// `reply` is kept with the message, and given once both are committed.
void Room::post_and_reply(const Origin& origin, const AskedCall& call, const proto::PublishView& said, WallTime now,
                          std::string reply) {
  have_place_for_one_more(posts_);
  std::optional<KeptReply> kept;
  const bool is_call = origin.session.generation != 0;  // and not the hub's own
  if (log_->is_durable() && is_call) kept = KeptReply{origin.client, call.id, Status::ok, reply, call.question};
  const auto given = append(origin, said, now, nullptr, std::move(kept));
  posts_.push_back({origin.session, call.id, {}, given, std::move(reply)});
}

namespace {

/// Why that message can't be taken back by `origin`; nothing if it can. `frame` is what the log has of it.
std::optional<Error> why_not(const Origin& origin, const Redaction& wish, const CatchUp& found) {
  if (found.error) return found.error;
  const auto frame = found.slices.empty() ? std::string_view() : found.slices.front().view();
  const auto target = proto::DeliveryView::parse(frame.substr(std::min(frame.size(), proto::frame_header_bytes)));
  if (!target || target->place.seq != wish.seq)
    return Error{Status::not_found, "the room has no message " + std::to_string(wish.seq.value) + " (any more)"};
  const auto& [room, seq, time, flags, kind, from] = target->place;
  if ((flags & proto::flags::erased) != 0)
    return Error{Status::not_found, "what message " + std::to_string(seq.value) + " said is gone already"};
  const bool is_author = from == origin.from && (origin.verified || (flags & proto::flags::verified) == 0);
  if (is_author || wish.owns_room) return std::nullopt;
  return Error{Status::permission_denied, "only who said it, or who made the room, may take it back"};
}

}  // namespace

void Room::redact(const Origin& origin, const AskedCall& call, const Redaction& wish, const CatchUp& found,
                  WallTime now) {
  if (!log_->trouble().empty()) return outlet_.reply(origin.session, call.id, Status::unavailable, log_->trouble());
  if (auto refusal = why_not(origin, wish, found))
    return outlet_.reply(origin.session, call.id, refusal->status, std::move(refusal->sentence));
  std::string headers, reply;
  proto::encode_value(proto::Headers{{{std::string(proto::redacts_header), std::to_string(wish.seq.value)}}}, headers);
  proto::encode_value(proto::RoomRedact::Reply{newest_.next()}, reply);
  auto vouched = origin;
  vouched.by_hub = true;
  const auto marks = std::string_view(headers).substr(sizeof(std::uint16_t));
  post_and_reply(vouched, call, {id_, {}, proto::flags::marked, proto::Kind::notice, marks, wish.reason}, now,
                 std::move(reply));
}

void Room::erased(Seq seq) { static_cast<DurableLog&>(*log_).erased(seq); }

/// Nobody is given any more what it said.
void Room::on_erased(Seq seq) {
  if (retained_.chunk && retained_.last == seq) retain({});
  for (auto& [name, group] : groups_) group.ahead.erased(seq);
  acked_.erased(seq);
}

void Room::post_later(const Origin& origin, LaterId later, proto::PublishView said, WallTime now) {
  if (!log_->trouble().empty()) return outlet_.posted(later, LaterOutcome::refused);
  if (!may_take(origin, said)) said.flags = static_cast<std::uint8_t>(said.flags & ~proto::flags::retain);
  have_place_for_one_more(posts_);
  const auto given = append(origin, said, now, nullptr, {}, later);
  posts_.push_back({{}, {}, {}, given, {}, true, later});
}

bool Room::may_take(const Origin& origin, const proto::PublishView& said) const {
  if ((said.flags & proto::flags::retain) == 0 || said.body.empty()) return true;
  return budget_.may_retain(proto::delivery_frame_bytes(origin.from.size(), said.headers.size(), said.body.size()),
                            bytes_of(retained_));
}

Seq Room::append(const Origin& origin, const proto::PublishView& said, WallTime now,
                 const Producers::Publication* publication, std::optional<KeptReply> reply, LaterId later) {
  // What may fail for want of memory comes first: a message has a number only if it is there.
  const auto bytes = proto::delivery_frame_bytes(origin.from.size(), said.headers.size(), said.body.size());
  char* const at = reserve(bytes);
  auto& batch = batch_for_next();
  if (reply) have_place_for_one_more(batch.replies);
  if (later != LaterId{}) have_place_for_one_more(batch.later);
  const bool is_in_run = publication != nullptr && log_->is_durable();
  auto run = is_in_run ? run_for(batch, *publication, newest_.next()) : std::nullopt;
  const bool retains = (said.flags & proto::flags::retain) != 0;
  auto marked = marked_of(said, newest_.next(), std::max(newest_time_, now));
  if (marked) have_place_for_one_more(batch.marks);
  auto copy = retains && !said.body.empty() ? ChunkRef::make(static_cast<std::uint32_t>(bytes)) : ChunkRef();

  newest_ = newest_.next();
  newest_time_ = std::max(newest_time_, now);
  constexpr auto passed_on = proto::flags::retain | proto::flags::traced | proto::flags::marked;
  const auto flags =
      static_cast<std::uint8_t>((said.flags & passed_on) | (origin.verified ? proto::flags::verified : 0) |
                                (origin.by_hub ? proto::flags::by_hub : 0));
  const proto::DeliveryPlace place{id_, newest_, newest_time_, flags, said.kind, origin.from};
  proto::write_delivery(at, place, said.headers, said.body);
  if (batch.frames.bytes == 0) {
    batch.frames = {chunk_, chunk_used_, 0, id_, newest_, newest_};
    batch.first_time = newest_time_;
    batch.fsync = fsync_;
  }
  batch.frames.bytes += static_cast<std::uint32_t>(bytes);
  batch.frames.last = newest_;
  batch.last_time = newest_time_;
  if (run)
    batch.runs.push_back(*std::move(run));
  else if (is_in_run)
    batch.runs.back().hashes.push_back(publication->hash);
  if (reply) batch.replies.push_back(*std::move(reply));
  if (marked) batch.marks.push_back(*std::move(marked));
  if (later != LaterId{}) batch.later.push_back(later);
  if (copy) write_retained(copy->data(), place, said);
  if (retains) {
    retain({std::move(copy), 0, static_cast<std::uint32_t>(bytes), {}, newest_, newest_});
    batch.retained = retained_;
  }
  chunk_used_ += static_cast<std::uint32_t>(bytes);
  tick_bytes_ += bytes;
  return newest_;
}

/// The batch that the next message belongs to: the last one, if that is in the same chunk. A batch that was made for a
/// message that could not be written stays empty, and is used for the next. Batches end with their chunk.
Batch& Room::batch_for_next() {
  const bool goes_on =
      !pending_.empty() && (pending_.back().frames.bytes == 0 || pending_.back().frames.chunk == chunk_);
  if (!goes_on) {
    have_place_for_one_more(pending_);
    pending_.emplace_back();
  }
  return pending_.back();
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
  flushed_ = newest_;
  for (auto& batch : std::exchange(pending_, {})) {
    if (batch.frames.bytes == 0) continue;
    committing_.push_back(batch.frames);
    const bool expires = std::ranges::any_of(batch.marks, [](const auto& marked) { return marked.due != WallTime{}; });
    log_->append(std::move(batch));
    if (expires && !log_->is_durable()) outlet_.expire_later(id_);
  }
}

void Room::on_committed(Seq last) {
  gauges_->last.store(last.value, std::memory_order_relaxed);
  gauges_->first.store(log_->first_kept().value, std::memory_order_relaxed);
  for (; !committing_.empty() && committing_.front().last <= last; committing_.pop_front())
    outlet_.fan_out(subscribers_by_core_, committing_.front());

  const auto told = [last](const Waiting& waiting) { return waiting.seq <= last; };
  for (const auto& ack : acks_)
    if (told(ack)) outlet_.acknowledge(ack.session, {id_, ack.id, ack.seq_is_known ? ack.seq : Seq{}});
  std::erase_if(acks_, told);
  for (auto& post : posts_) {
    if (!told(post)) continue;
    if (post.later != LaterId{})
      outlet_.posted(post.later, log_->is_durable() ? LaterOutcome::kept : LaterOutcome::said);
    else
      outlet_.reply(post.session, post.call, Status::ok, std::move(post.reply));
  }
  std::erase_if(posts_, told);
  serve_groups();
  if (!next_waiters_.empty()) answer_waiters();
}

// ── hearing ──────────────────────────────────────────────────────────────────────────────────────────────────────────

void Room::attach(const AttachWish& wish, std::function<void(const AttachAnswer&)> then) {
  auto answer = place(wish);
  if (wish.from != proto::From::time) return then(answer);
  log_->find_time(wish.since, [this, answer, then = std::move(then)](Seq found) mutable {
    answer.next = found;
    answer.last = last();
    then(answer);
  });
}

AttachAnswer Room::place(const AttachWish& wish) {
  gauges_->subscribers.fetch_add(1, std::memory_order_relaxed);
  AttachAnswer answer{last().next(), last(), log_->is_durable(), {}};
  if (wish.from == proto::From::seq) answer.next = std::clamp(wish.seq, Seq{1}, last().next());
  if (wish.from == proto::From::last && !retained_.chunk) answer.next = std::max(last(), Seq{1});
  // One that isn't committed yet comes as a Delivery.
  if (wish.from == proto::From::last && retained_.chunk && retained_.last <= last()) answer.retained = retained_;
  if (wish.group.empty()) {
    ++subscribers_by_core_[wish.session.core];
    return answer;
  }
  if (wish.acks.any()) {
    answer.next = acked_.attach(wish.session, wish.group, wish.acks, answer.next);
    return answer;
  }
  auto& members = groups_.try_emplace(wish.group, answer.next).first->second.members;
  members.add(wish.session);
  answer.next = members.next();
  return answer;
}

void Room::detach(SessionRef session, const GroupName& name, const Leaving& leaving) {
  gauges_->subscribers.fetch_sub(1, std::memory_order_relaxed);
  if (name.empty()) {
    --subscribers_by_core_[session.core];
    return;
  }
  if (acked_.detach(session, name, leaving)) return;
  const auto group = groups_.find(name);
  if (group == groups_.end()) return;
  group->second.members.remove(session);
  if (group->second.members.empty())
    groups_.erase(group);
  else
    serve(name, group->second);
}

void Room::read(Seq from, std::size_t bytes_max, std::function<void(CatchUp)> then) {
  log_->read(from, newest, bytes_max, [this, from, then = std::move(then)](LogRead found) {
    CatchUp caught{{}, {}, std::move(found.slices), last(), std::move(found.error)};
    if (found.first_kept > from) {
      caught.lost_first = from;
      caught.lost_last = found.first_kept.previous();
    }
    then(std::move(caught));
  });
}

// ── asking ───────────────────────────────────────────────────────────────────────────────────────────────────────────

void Room::wait_for_next(SessionRef session, CallId call, Seq after) {
  if (next_waiters_.size() >= waiters_max)
    return outlet_.reply(session, call, Status::resource_exhausted,
                         "too many calls wait for the next message of this room; subscribe instead");
  const Waiting waiter{session, call, {}, after.value == 0 ? last() : after};
  if (waiter.seq < last())
    answer_next(waiter);
  else
    next_waiters_.push_back(waiter);
}

void Room::forget_waiter(SessionRef session, CallId call) {
  std::erase_if(next_waiters_, [&](const Waiting& w) { return w.session == session && w.call == call; });
}

/// What was to be answered with is given up already: the next that there is, or will be.
void Room::wait_behind(Waiting waiter, Seq first_kept) {
  const bool is_there = first_kept > waiter.seq.next() && first_kept <= last();
  waiter.seq = std::max(waiter.seq, first_kept.previous());
  if (is_there)
    answer_next(waiter);
  else
    next_waiters_.push_back(std::move(waiter));
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
    if (found.error) return outlet_.reply(waiter.session, waiter.call, found.error->status, found.error->sentence);
    if (found.slices.empty()) return wait_behind(waiter, found.first_kept);
    proto::RoomNext::Reply reply;
    for_each_payload(found.slices.front(), [&](std::string_view payload) { reply.message.bytes = payload; });
    std::string result;
    proto::encode_value(reply, result);
    outlet_.reply(waiter.session, waiter.call, Status::ok, std::move(result));
  });
}

void Room::dump(JsonWriter& json) const {
  json.field("first", log_->first_kept().value);
  json.field("last", log_->last_committed().value);
  json.field("newest", newest_.value);
  json.field("producers", producers_.size());
  json.field("subscribers", gauges_->subscribers.load());
  json.field("waiting_for_acknowledgement", acks_.size() + posts_.size());
  json.field("waiting_for_next", next_waiters_.size());
  json.field("retained_bytes", bytes_of(retained_));
  json.begin_list("groups");
  for (const auto& [name, group] : groups_) {
    json.begin_object();
    json.field("name", name.str());
    json.field("members", group.members.size());
    json.field("next", group.members.next().value);
    json.end();
  }
  acked_.dump(json);
  json.end();
}

}  // namespace hubbub::server
