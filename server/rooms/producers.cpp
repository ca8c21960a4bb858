#include "server/rooms/producers.hpp"

#include <utility>

namespace hubbub::server {

Producers::Admission Producers::admit(const ClientId& client, std::uint64_t connection, PublishId id) {
  const auto found = by_client_.find(client);
  const PublishId last = found == by_client_.end() ? PublishId{} : found->second.last;
  if (id == last.next()) return {Verdict::next, {}, id};
  if (id < last.next()) {
    const auto& recent = found->second.recent;
    const auto age = last.value - id.value;  // 0: the last one
    return {Verdict::duplicate, age < recent.size() ? recent[recent.size() - 1 - age] : Seq{}, last.next()};
  }
  auto& producer = find_or_add(client);
  const bool told = std::exchange(producer.refused_on, connection) == connection;
  return {told ? Verdict::repeated : Verdict::out_of_line, {}, last.next()};
}

void Producers::taken(const ClientId& client, PublishId id, Seq seq) {
  auto& producer = find_or_add(client);
  producer.last = id;
  producer.refused_on = 0;
  producer.recent.push_back(seq);
  if (producer.recent.size() > producer_window) producer.recent.pop_front();
  by_age_.splice(by_age_.end(), by_age_, producer.place);
}

Producers::Producer& Producers::find_or_add(const ClientId& client) {
  if (const auto found = by_client_.find(client); found != by_client_.end()) return found->second;
  if (by_client_.size() >= producers_per_room_max) {
    by_client_.erase(by_age_.front());
    by_age_.pop_front();
  }
  auto& producer = by_client_[client];
  producer.place = by_age_.insert(by_age_.end(), client);
  return producer;
}

}  // namespace hubbub::server
