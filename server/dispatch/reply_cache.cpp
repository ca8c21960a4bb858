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
  return Begun::fresh;
}

/// The newest stays, however large it is.
void ReplyCache::forget_beyond() {
  while (by_age_.size() > replies_max_ || (bytes_ > bytes_max_ && by_age_.size() > 1)) {
    const auto oldest = by_age_.front();
    erase(oldest);
  }
}

void ReplyCache::erase(const Key& key) {
  const auto found = entries_.find(key);
  if (found == entries_.end()) return;
  if (found->second.reply) {
    bytes_ -= found->second.reply->result.size();
    by_age_.erase(found->second.place);
  }
  entries_.erase(found);
}

const StoredReply& ReplyCache::stored(const ClientId& client, CallId call) const {
  return *entries_.at(Key{client, call}).reply;
}

std::optional<SessionRef> ReplyCache::finish(const ClientId& client, CallId call, const StoredReply& reply) {
  const Key key{client, call};
  const auto found = entries_.find(key);
  if (found == entries_.end()) return std::nullopt;
  if (found->second.reply)
    bytes_ -= found->second.reply->result.size();
  else
    found->second.place = by_age_.insert(by_age_.end(), key);
  bytes_ += reply.result.size();
  found->second.reply = reply;
  const auto asker = found->second.asker;
  forget_beyond();
  return asker;
}

void ReplyCache::forget(const ClientId& client, CallId call) { erase({client, call}); }

void ReplyCache::restore(const ClientId& client, CallId call, std::uint64_t question, StoredReply reply) {
  begin(client, call, question, {});
  finish(client, call, reply);
}

}  // namespace hubbub::server
