#include "client/agent/attention.hpp"

#include <algorithm>

#include "client/link/amendments.hpp"
#include "common/mention.hpp"

namespace hubbub::agent {

bool is_for(const link::Message& message, const PersonName& self) {
  const bool to_people = message.kind == proto::Kind::text || message.kind == proto::Kind::action;
  return message.from != self && to_people && (is_direct(message.room) || mentions(message.body, self.str()));
}

void Attention::join(const RoomName& room, Seq read, Seq next) {
  auto& entry = entries_[room] = Entry{};
  entry.read = read;
  entry.next = next;
  if (read.next() < next) {
    entry.older = next.value - read.value - 1;
    entry.older_last = next.previous();
  }
  count(room, entry);
}

void Attention::leave(const RoomName& room) {
  entries_.erase(room);
  counts_.erase(room);
}

bool Attention::receive(const link::Message& message, const PersonName& self) {
  const auto found = entries_.find(message.room);
  if (found == entries_.end() || message.seq < found->second.next) return false;
  auto& entry = found->second;
  entry.next = message.seq.next();
  const bool is_news = !message.erased && !link::amendment_of(message);
  const bool unread = is_news && message.seq > entry.read && message.from != self;
  const bool mention = unread && is_for(message, self);
  if (unread) entry.newest.push_back({message.seq, mention});
  entry.mentions += mention ? 1 : 0;
  if (entry.newest.size() > remembered_max) forget_oldest(entry);
  count(message.room, entry);
  return unread;
}

Attention::Unread Attention::take_oldest(Entry& entry) {
  const auto oldest = entry.newest.front();
  entry.newest.pop_front();
  entry.mentions -= oldest.mention ? 1 : 0;
  return oldest;
}

void Attention::forget_oldest(Entry& entry) {
  const auto oldest = take_oldest(entry);
  ++entry.older;
  entry.older_last = oldest.seq;
  entry.older_mentions += oldest.mention ? 1 : 0;
}

void Attention::skip(const RoomName& room, Seq last) {
  const auto found = entries_.find(room);
  if (found == entries_.end() || last < found->second.next) return;
  found->second.next = last.next();
  count(room, found->second);
}

/// Of the older ones only their number is known: where the cursor stops among them, they are taken to lie without
/// holes.
void Attention::read(const RoomName& room, Seq seq) {
  const auto found = entries_.find(room);
  if (found == entries_.end() || seq <= found->second.read) return;
  auto& entry = found->second;
  entry.read = seq;
  const auto left = entry.older_last > seq ? entry.older_last.value - seq.value : 0;
  entry.older = std::min(entry.older, left);
  entry.older_mentions = std::min(entry.older_mentions, entry.older);
  while (!entry.newest.empty() && entry.newest.front().seq <= seq) take_oldest(entry);
  count(room, entry);
}

void Attention::count(const RoomName& room, const Entry& entry) {
  auto& count = counts_[room];
  count.unread = entry.older + entry.newest.size();
  count.mentions = entry.older_mentions + entry.mentions;
  count.last = entry.next == Seq{} ? Seq{} : entry.next.previous();
}

Attention::Count Attention::sum() const {
  Count sum;
  for (const auto& [room, count] : counts_) {
    sum.unread += count.unread;
    sum.mentions += count.mentions;
  }
  return sum;
}

}  // namespace hubbub::agent
