#include "client/link/publisher.hpp"

#include <algorithm>

namespace hubbub::link {

Publisher::Ticket Publisher::push(const Outgoing& message) {
  append_publish(message, frames_);
  ++count_;
  ++unsent_;
  return settled_ + count_;
}

void Publisher::push_frames(std::string_view frames, std::size_t count) {
  frames_.append(frames);
  count_ += count;
  unsent_ += count;
}

void Publisher::start_at(PublishId first, PublishId sent) {
  first_ = first;
  sent_ = sent_before_ = sent;
}

void Publisher::take_unsent(RoomId room, std::string& out, std::size_t out_bytes) {
  while (unsent_ > 0 && out.size() < out_bytes) {
    const char* frame = frames_.data() + unsent_from_;
    const auto bytes = frame_bytes_at(frame);
    const auto at = out.size();
    out.append(frame, bytes);
    address_publish(out.data() + at, room, PublishId{first_.value + (count_ - unsent_)});
    unsent_from_ += bytes;
    --unsent_;
  }
  sent_ = std::max(sent_, PublishId{end().value - unsent_ - 1});
}

bool Publisher::acknowledge(PublishId id) {
  if (id < first_) return false;
  const auto sent = count_ - unsent_;
  const auto acknowledged = std::min<std::uint64_t>(id.value - first_.value + 1, sent);
  for (std::uint64_t i = 0; i < acknowledged; ++i) drop_front();
  first_.value += acknowledged;
  if (acknowledged > 0) recovering_ = false;
  compact();
  return acknowledged > 0;
}

// One refusal answers a burst, but a hub may give several: of a burst behind one that was refused, each says that an
// earlier id is expected. Acting on the second would send twice what the first had sent again already, and then a
// message refused for good would be refused twice, at the cost of its neighbour. Hence `recovering_`.
Publisher::Refusal Publisher::refuse(PublishId id, PublishId expected, Status status, proto::Refusal why,
                                     bool durable) {
  const PublishId end{first_.value + (count_ - unsent_)};  // the id after the newest that was sent
  const bool named = why == proto::Refusal::gap || why == proto::Refusal::unknown_producer;
  const bool out_of_line = named || status == Status::failed_precondition || status == Status::aborted;
  if (why == proto::Refusal::fenced) return {Verdict::ended};
  if (why == proto::Refusal::conflict) return {id >= first_ && id < end ? Verdict::conflict : Verdict::nothing};
  if (id < expected || expected >= end || (id > expected && recovering_)) return {Verdict::nothing};
  if (expected < first_) {  // the hub has forgotten this client, as it may after many others
    if (!out_of_line) return {Verdict::nothing};
    if (durable && why == proto::Refusal::unknown_producer) return {Verdict::forgotten};
    renumber(expected);
    recovering_ = true;
    return {Verdict::resend};
  }
  rewind_to(expected);
  recovering_ = true;
  if (id > expected) return {Verdict::resend};
  if (out_of_line || why == proto::Refusal::unknown_outcome || status == Status::resource_exhausted ||
      status == Status::unavailable)
    return {Verdict::resend_later};
  return {Verdict::refused, drop(id)};
}

std::uint64_t Publisher::of_unknown_outcome() const {
  return sent_before_ < first_ ? 0 : sent_before_.value - first_.value + 1;
}

std::uint64_t Publisher::sent() const { return sent_ < first_ ? 0 : sent_.value - first_.value + 1; }

void Publisher::forget(std::uint64_t count) {
  const auto here = std::min<std::uint64_t>(count, count_);
  for (std::uint64_t i = 0; i < here; ++i) drop_front();
  settled_ += count - here;
  first_.value += count;
  unsend();
  compact();
}

void Publisher::rewind() {
  sent_before_ = sent_;
  unsend();
}

/// Everything is to be sent again.
void Publisher::unsend() {
  unsent_ = count_;
  unsent_from_ = front_;
  recovering_ = false;
}

void Publisher::renumber(PublishId first) {
  const auto moved = [&](PublishId id) { return PublishId{id < first_ ? 0 : id.value - first_.value + first.value}; };
  sent_ = moved(sent_);
  sent_before_ = moved(sent_before_);
  first_ = first;
  unsend();
}

void Publisher::begin_anew() {
  start_at(PublishId{1}, PublishId{});
  unsend();
}

/// REQUIRES: `id` is in the queue. Walks over what stays sent.
void Publisher::rewind_to(PublishId id) {
  unsend();
  for (auto at = first_; at < id; at = at.next()) {
    unsent_from_ += frame_bytes_at(frames_.data() + unsent_from_);
    --unsent_;
  }
}

/// REQUIRES: `id` is the first unsent one.
Publisher::Ticket Publisher::drop(PublishId id) {
  frames_.erase(unsent_from_, frame_bytes_at(frames_.data() + unsent_from_));
  --count_;
  --unsent_;
  for (auto* sent : {&sent_, &sent_before_}) sent->value -= *sent >= id ? 1 : 0;
  return settled_ + (id.value - first_.value) + 1;
}

void Publisher::clear(std::uint64_t more) {
  settled_ += count_ + more;
  first_.value +=
      count_ + more;  // the hub may have taken some of them: their ids must not come back as another message's
  unload();
}

void Publisher::unload() {
  frames_.clear();
  front_ = unsent_from_ = 0;
  count_ = unsent_ = 0;
}

Publisher::Ticket Publisher::append(const Publisher& other) {
  const auto moved_by = settled_ + count_ - other.settled_;
  frames_.append(other.frames_, other.front_);
  count_ += other.count_;
  unsent_ += other.count_;
  return moved_by;
}

void Publisher::drop_front() {
  front_ += frame_bytes_at(frames_.data() + front_);
  --count_;
  ++settled_;
}

/// Gives the dropped frames' bytes back once they are more than half: each byte is moved at most once on average.
void Publisher::compact() {
  if (front_ < frames_.size() && front_ < std::max<std::size_t>(frames_.size() / 2, 1)) return;
  frames_.erase(0, front_);
  unsent_from_ -= front_;
  front_ = 0;
}

}  // namespace hubbub::link
