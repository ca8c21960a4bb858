#include "server/dispatch/later_plan.hpp"

#include <algorithm>
#include <cassert>

namespace hubbub::server {

namespace {

/// Behind which `place` is the first.
LaterPlace before(LaterPlace place) {
  if (place.id.value > 0) --place.id.value;
  return place;
}

std::size_t bytes_of(const LaterAdded& message) { return message.headers.size() + message.body.size(); }

}  // namespace

bool LaterPlan::added(LaterPlace place) {
  const bool first = place.at < std::min(added_.at, next_);
  added_ = std::min(added_, place);
  return first;
}

std::optional<WallTime> LaterPlan::wake_at() const {
  const bool full = under_way_ >= bounds_.messages || under_way_bytes_ >= bounds_.bytes;
  const auto first = std::min(added_.at, next_);
  if (reading_ || paused_ || full || first == never.at) return std::nullopt;
  return first;
}

std::optional<LaterWish> LaterPlan::read(WallTime now) {
  const auto due = wake_at();
  if (!due || *due > now) return std::nullopt;
  read_to_ = std::min(read_to_, before(added_));
  added_ = never;
  next_ = never.at;
  reading_ = true;
  asked();
  LaterWish wish;
  wish.after = read_to_;
  wish.until = now;
  wish.messages_max = std::min(bounds_.messages_at_once, bounds_.messages - under_way_);
  wish.bytes_max = bounds_.bytes - under_way_bytes_;
  return wish;
}

std::vector<LaterAdded> LaterPlan::found(LaterFound found) {
  assert(reading_);
  reading_ = false;
  next_ = found.next.value_or(never.at);
  if (!found.messages.empty()) read_to_ = {found.messages.back().at, found.messages.back().id};
  std::erase_if(found.messages, [this](const LaterAdded& message) { return is_gone(message.id); });
  for (const auto& message : found.messages) {
    const auto bytes = bytes_of(message);
    gone_.emplace(message.id.value, Gone{message.at, message.owner, bytes, true});
    ++under_way_;
    under_way_bytes_ += bytes;
  }
  answered();
  return std::move(found.messages);
}

/// From the same place again.
void LaterPlan::read_failed() {
  reading_ = false;
  paused_ = true;
  next_ = read_to_.at;
  answered();
}

void LaterPlan::answered() {
  ++answered_;
  forget_settled();
}

void LaterPlan::cancelled(const LaterAdded& message) {
  assert(!is_gone(message.id));
  gone_.emplace(message.id.value, Gone{message.at, message.owner, 0, false});
}

Owner LaterPlan::settled(LaterId id) {
  auto& gone = gone_.at(id.value);
  const auto owner = gone.owner;
  arrived(gone);
  settled_.emplace_back(asked_, id);
  forget_settled();
  return owner;
}

void LaterPlan::refused(LaterId id) {
  auto gone = gone_.extract(id.value);
  arrived(gone.mapped());
  added({gone.mapped().at, id});
  paused_ = true;
}

/// In its room, or back.
void LaterPlan::arrived(Gone& gone) {
  if (!std::exchange(gone.posting, false)) return;
  --under_way_;
  under_way_bytes_ -= gone.bytes;
}

void LaterPlan::forget_settled() {
  for (; !settled_.empty() && settled_.front().first <= answered_; settled_.pop_front())
    gone_.erase(settled_.front().second.value);
}

}  // namespace hubbub::server
