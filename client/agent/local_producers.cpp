#include "client/agent/local_producers.hpp"

#include <utility>

namespace hubbub::agent {

LocalStream::Verdict LocalStream::look_at(PublishId id) {
  if (!std::exchange(begun, true)) last = acknowledged = PublishId{id.value - 1};
  if (id <= last) return Verdict::again;
  if (id == last.next()) return Verdict::next;
  return std::exchange(refusing, true) ? Verdict::ignored : Verdict::gap;
}

void LocalStream::accepted(PublishId id) {
  last = id;
  refusing = false;
}

std::shared_ptr<LocalStreams> LocalProducers::streams_of(const ClientId& client) {
  const auto found = by_client_.find(client);
  if (found != by_client_.end()) {
    known_.splice(known_.end(), known_, found->second);
    return found->second->streams;
  }
  by_client_[client] = known_.insert(known_.end(), {client, std::make_shared<LocalStreams>()});
  forget_some();
  return known_.back().streams;
}

void LocalProducers::forget_some() {
  auto at = known_.begin();
  while (known_.size() > remembered_max && at != known_.end()) {
    const bool is_there = at->streams.use_count() > 1;
    if (!is_there) by_client_.erase(at->client);
    at = is_there ? std::next(at) : known_.erase(at);
  }
}

}  // namespace hubbub::agent
