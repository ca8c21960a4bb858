#include "server/log/producers.hpp"

#include <xxhash.h>

#include <algorithm>
#include <utility>

namespace hubbub::server {

std::uint64_t hash_of(const proto::PublishView& said) {
  const auto headers = said.headers.empty() ? 0 : XXH3_64bits(said.headers.data(), said.headers.size());
  const auto seed = headers ^ (static_cast<std::uint64_t>(said.kind) << 8 | said.flags);
  return XXH3_64bits_withSeed(said.body.data(), said.body.size(), seed);
}

// ── of all rooms of a core ───────────────────────────────────────────────────────────────────────────────────────────

void ProducerBudget::published_to(Producers& room) {
  if (!rooms_.empty() && rooms_.back() == &room) return;
  if (windows_from_ == room.place_) ++windows_from_;
  rooms_.splice(rooms_.end(), room.unlisted_.empty() ? rooms_ : room.unlisted_, room.place_);
  if (windows_from_ == rooms_.end()) windows_from_ = room.place_;
}

void ProducerBudget::leave(Producers& room) {
  if (windows_from_ == room.place_) ++windows_from_;
  room.unlisted_.splice(room.unlisted_.end(), rooms_, room.place_);
}

/// At the cost of all rooms but the one that was published to last.
void ProducerBudget::make_room() {
  for (; seqs_ > seqs_max_ && *windows_from_ != rooms_.back(); ++windows_from_) (*windows_from_)->forget_windows();
  while (producers_ > producers_max_ && rooms_.front() != rooms_.back()) rooms_.front()->forget_oldest();
}

// ── of one room ──────────────────────────────────────────────────────────────────────────────────────────────────────

Producers::Producers(ProducerBudget& budget, const std::vector<KeptProducer>& kept) : budget_(budget) {
  for (const auto& each : kept) {
    auto& producer = find_or_add(each.client);
    producer.epoch = each.epoch;
    producer.last = each.last;
    const auto count = std::min(each.recent.size(), producer_window);
    producer.recent.assign(each.recent.end() - static_cast<std::ptrdiff_t>(count), each.recent.end());
    budget_.seqs_ += producer.recent.capacity();
  }
  if (kept.empty()) return;
  budget_.published_to(*this);
  budget_.make_room();
}

Producers::~Producers() {
  forget_told();
  while (!by_age_.empty()) forget_oldest();
}

Producers::Admission Producers::admit(const Publication& publication, std::uint64_t connection) {
  const auto found = by_client_.find(publication.client);
  if (found == by_client_.end()) {
    if (publication.id == PublishId{1}) return {Verdict::next, {}, publication.id};
    return refuse_once(publication, connection, Verdict::unknown, PublishId{1});
  }
  const auto& producer = found->second;
  if (publication.epoch < producer.epoch) return {Verdict::fenced, {}, producer.last.next()};
  if (publication.id == producer.last.next()) return {Verdict::next, {}, publication.id};
  if (publication.id < producer.last.next()) return seen(producer, publication);
  return refuse_once(publication, connection, Verdict::out_of_line, producer.last.next());
}

Producers::Admission Producers::seen(const Producer& producer, const Publication& publication) const {
  const auto& recent = producer.recent;
  const auto expected = producer.last.next();
  const auto age = producer.last.value - publication.id.value;  // 0: the last one
  if (recent.empty()) return {Verdict::duplicate, {}, expected};
  if (age >= recent.size()) return {Verdict::duplicate, {}, expected, recent[producer.oldest].seq};
  const auto& before = recent[(producer.oldest + recent.size() - 1 - age) % recent.size()];
  return {before.hash == publication.hash ? Verdict::duplicate : Verdict::conflict, before.seq, expected, before.seq};
}

Producers::Admission Producers::refuse_once(const Publication& publication, std::uint64_t connection, Verdict why,
                                            PublishId expected) {
  if (const auto at = told_.find(publication.client); at != told_.end()) {
    const bool told = std::exchange(at->second, connection) == connection;
    return {told ? Verdict::repeated : why, {}, expected};
  }
  // The worst of it: somebody is told twice.
  if (told_.size() >= producers_per_room_max || budget_.told_ >= bounds::told_per_core_max) forget_told();
  told_.emplace(publication.client, connection);
  ++budget_.told_;
  return {why, {}, expected};
}

void Producers::expect(const ClientId& client) {
  auto& recent = find_or_add(client).recent;
  if (recent.size() == recent.capacity() && recent.size() < producer_window) {
    const auto before = recent.capacity();
    recent.reserve(std::clamp<std::size_t>(recent.size() * 2, 4, producer_window));
    budget_.seqs_ += recent.capacity() - before;
  }
  budget_.published_to(*this);
  budget_.make_room();
}

void Producers::taken(const Publication& publication, Seq seq) {
  auto& producer = by_client_.find(publication.client)->second;
  producer.last = publication.id;
  producer.epoch = publication.epoch;
  const KeptProducer::Taken taken{seq, publication.hash};
  if (producer.recent.size() < producer_window) {
    producer.recent.push_back(taken);
  } else {
    producer.recent[producer.oldest] = taken;
    producer.oldest = (producer.oldest + 1) % producer_window;
  }
  if (!told_.empty()) budget_.told_ -= told_.erase(publication.client);
  by_age_.splice(by_age_.end(), by_age_, producer.place);
}

/// The list first: a client in it that isn't known is harmless, one that is known without a place isn't.
Producers::Producer& Producers::find_or_add(const ClientId& client) {
  if (const auto found = by_client_.find(client); found != by_client_.end()) return found->second;
  if (by_client_.size() >= producers_per_room_max) forget_oldest();
  const auto place = by_age_.insert(by_age_.end(), client);
  auto& producer = by_client_[client];
  producer.place = place;
  ++budget_.producers_;
  return producer;
}

void Producers::forget_oldest() {
  if (const auto oldest = by_client_.find(by_age_.front()); oldest != by_client_.end()) {
    budget_.seqs_ -= oldest->second.recent.capacity();
    --budget_.producers_;
    by_client_.erase(oldest);
  }
  by_age_.pop_front();
  if (by_age_.empty() && unlisted_.empty()) budget_.leave(*this);
}

/// But for the newest of each, which says up to where all others are settled.
void Producers::forget_windows() {
  for (auto& [client, producer] : by_client_) {
    auto& recent = producer.recent;
    if (recent.capacity() <= 1) continue;
    std::vector<KeptProducer::Taken> newest;
    if (!recent.empty()) newest.assign(1, recent[(producer.oldest + recent.size() - 1) % recent.size()]);
    budget_.seqs_ -= recent.capacity() - newest.capacity();
    recent = std::move(newest);
    producer.oldest = 0;
  }
}

void Producers::forget_told() {
  budget_.told_ -= told_.size();
  told_.clear();
}

}  // namespace hubbub::server
