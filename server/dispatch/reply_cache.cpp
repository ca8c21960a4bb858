#include "server/dispatch/reply_cache.hpp"

namespace hubbub::server {

ReplyCache::Begun ReplyCache::begin(const ClientId& client, CallId call, SessionRef asker) {
  const Key key{client, call};
  const auto [at, added] = entries_.try_emplace(key);
  at->second.asker = asker;
  if (!added) return at->second.reply ? Begun::done : Begun::running;
  at->second.place = by_age_.insert(by_age_.end(), key);
  while (by_age_.size() > replies_max_) {
    entries_.erase(by_age_.front());
    by_age_.pop_front();
  }
  return Begun::fresh;
}

const StoredReply& ReplyCache::stored(const ClientId& client, CallId call) const {
  return *entries_.at(Key{client, call}).reply;
}

std::optional<SessionRef> ReplyCache::finish(const ClientId& client, CallId call, const StoredReply& reply) {
  const auto found = entries_.find(Key{client, call});
  if (found == entries_.end()) return std::nullopt;
  found->second.reply = reply;
  return found->second.asker;
}

void ReplyCache::forget(const ClientId& client, CallId call) {
  const auto found = entries_.find(Key{client, call});
  if (found == entries_.end()) return;
  by_age_.erase(found->second.place);
  entries_.erase(found);
}

void ReplyCache::restore(const ClientId& client, CallId call, StoredReply reply) {
  begin(client, call, {});
  finish(client, call, reply);
}

}  // namespace hubbub::server
