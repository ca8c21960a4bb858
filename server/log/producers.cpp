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

Producers::Producers(const std::vector<KeptProducer>& kept) {
  for (const auto& each : kept) {
    auto& producer = find_or_add(each.client);
    producer.epoch = each.epoch;
    producer.last = each.last;
    const auto count = std::min(each.recent.size(), producer_window);
    producer.recent.assign(each.recent.end() - static_cast<std::ptrdiff_t>(count), each.recent.end());
  }
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
  if (told_.size() >= producers_per_room_max) told_.clear();  // the worst of it: somebody is told twice
  const bool told = std::exchange(told_[publication.client], connection) == connection;
  return {told ? Verdict::repeated : why, {}, expected};
}

void Producers::expect(const ClientId& client) {
  auto& recent = find_or_add(client).recent;
  if (recent.size() == recent.capacity() && recent.size() < producer_window)
    recent.reserve(std::clamp<std::size_t>(recent.size() * 2, 4, producer_window));
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
  if (!told_.empty()) told_.erase(publication.client);
  by_age_.splice(by_age_.end(), by_age_, producer.place);
}

/// The list first: a client in it that isn't known is harmless, one that is known without a place isn't.
Producers::Producer& Producers::find_or_add(const ClientId& client) {
  if (const auto found = by_client_.find(client); found != by_client_.end()) return found->second;
  if (by_client_.size() >= producers_per_room_max) {
    by_client_.erase(by_age_.front());
    by_age_.pop_front();
  }
  const auto place = by_age_.insert(by_age_.end(), client);
  auto& producer = by_client_[client];
  producer.place = place;
  return producer;
}

}  // namespace hubbub::server
