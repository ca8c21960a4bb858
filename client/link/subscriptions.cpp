#include "client/link/subscriptions.hpp"

#include <algorithm>

namespace hubbub::link {

namespace {

proto::RoomSubscribe by_name(const Cursors::Known& room, bool events) {
  proto::RoomSubscribe call;
  call.pattern = Pattern::literal(room.name.str());  // every room name is a pattern
  call.from = proto::From::seq;
  call.seq = room.next;
  call.group = room.group;
  call.events = events;
  return call;
}

proto::RoomSubscribe again(const Subscription& subscription) {
  proto::RoomSubscribe call;
  call.pattern = subscription.pattern;
  call.events = subscription.events;
  call.group = subscription.group;
  const bool by_cursor = subscription.from == proto::From::cursor;
  call.from = by_cursor ? proto::From::cursor : proto::From::seq;
  call.consumer = subscription.consumer;
  call.seq = Seq{1};
  add_acks(subscription, call);
  return call;
}

}  // namespace

void add_acks(const Subscription& subscription, proto::RoomSubscribe& call) {
  call.at_once = subscription.at_once;
  call.attempts_max = subscription.attempts_max;
  call.backoff_ms = subscription.backoff_ms;
  call.backoff_ms_max = subscription.backoff_ms_max;
}

void Subscriptions::add(Subscription subscription) {
  std::erase_if(all_, [&](const Subscription& one) { return one.pattern == subscription.pattern; });
  all_.push_back(std::move(subscription));
}

std::vector<RoomName> Subscriptions::remove(const Pattern& pattern) {
  std::erase_if(all_, [&](const Subscription& one) { return one.pattern == pattern; });
  std::vector<RoomName> to_stop;
  for (const auto& room : resumed_)
    if (matches(pattern, room) && !wanted(room)) to_stop.push_back(room);
  for (const auto& room : to_stop) resumed_.erase(room);
  return to_stop;
}

std::vector<proto::RoomSubscribe> Subscriptions::resume(const std::vector<Cursors::Known>& known) {
  std::vector<proto::RoomSubscribe> calls;
  std::set<std::string> asked;
  resumed_.clear();
  for (const auto& room : known) {
    calls.push_back(by_name(room, wants_events(room.name)));
    const auto of_group = std::ranges::find_if(
        all_, [&](const Subscription& one) { return one.group == room.group && matches(one.pattern, room.name); });
    if (!room.group.empty() && of_group != all_.end()) add_acks(*of_group, calls.back());
    asked.insert(room.name.str());
    if (!contains(calls.back().pattern)) resumed_.insert(room.name);
  }
  for (const auto& subscription : all_)
    if (!asked.contains(subscription.pattern.str())) calls.push_back(again(subscription));
  return calls;
}

bool Subscriptions::wanted(const RoomName& room) const {
  return std::ranges::any_of(all_, [&](const Subscription& one) { return matches(one.pattern, room); });
}

bool Subscriptions::wants_events(const RoomName& room) const {
  return std::ranges::any_of(all_, [&](const Subscription& one) { return one.events && matches(one.pattern, room); });
}

bool Subscriptions::contains(const Pattern& pattern) const {
  return std::ranges::any_of(all_, [&](const Subscription& one) { return one.pattern == pattern; });
}

}  // namespace hubbub::link
