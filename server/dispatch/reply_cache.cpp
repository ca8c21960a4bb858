#include "server/dispatch/reply_cache.hpp"

#include <xxhash.h>

namespace hubbub::server {

std::uint64_t question_of(std::string_view method, std::string_view arguments) {
  return ::XXH3_64bits_withSeed(arguments.data(), arguments.size(), ::XXH3_64bits(method.data(), method.size()));
}

ReplyCache::Begun ReplyCache::begin(const ClientId& client, CallId call, std::uint64_t question, SessionRef asker) {
  const Key key{client, call};
  const auto [at, added] = entries_.try_emplace(key);
  if (!added && at->second.question != question) return Begun::another;
  at->second.asker = asker;
  if (!added) return at->second.reply ? Begun::done : Begun::running;
  at->second.question = question;
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

void ReplyCache::restore(const ClientId& client, CallId call, std::uint64_t question, StoredReply reply) {
  begin(client, call, question, {});
  finish(client, call, reply);
}

}  // namespace hubbub::server
