#include "server/rooms/producers.hpp"

#include <algorithm>
#include <utility>

namespace hubbub::server {

Producers::Admission Producers::admit(const ClientId& client, std::uint64_t connection, PublishId id) {
  const auto found = by_client_.find(client);
  const PublishId last = found == by_client_.end() ? PublishId{} : found->second.last;
  if (id == last.next()) return {Verdict::next, {}, id};
  if (id < last.next()) {
    const auto& recent = found->second.recent;
    const auto age = last.value - id.value;  // 0: the last one
    return {Verdict::duplicate, age < recent.size() ? recent[(id.value - 1) % producer_window] : Seq{}, last.next()};
  }
  auto& producer = find_or_add(client);
  const bool told = std::exchange(producer.refused_on, connection) == connection;
  return {told ? Verdict::repeated : Verdict::out_of_line, {}, last.next()};
}

void Producers::expect(const ClientId& client) {
  auto& recent = find_or_add(client).recent;
  if (recent.size() == recent.capacity() && recent.size() < producer_window)
    recent.reserve(std::clamp<std::size_t>(recent.size() * 2, 4, producer_window));
}

void Producers::taken(const ClientId& client, PublishId id, Seq seq) {
  auto& producer = by_client_.find(client)->second;
  producer.last = id;
  producer.refused_on = 0;
  if (producer.recent.size() < producer_window)
    producer.recent.push_back(seq);
  else
    producer.recent[(id.value - 1) % producer_window] = seq;
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
