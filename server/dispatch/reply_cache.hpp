// The replies of calls that changed something, so that a call sent again changes nothing again (at-most-once, after
// Birrell and Nelson, "Implementing Remote Procedure Calls", 1984).
//   begin(client, call, question) --> new: run it | still running: the answer will go to the newest asker
//                                   | done: the stored reply | the id is another question's: refuse it
// Replies are bounded by count and by bytes, the oldest being forgotten first; calls that run by who runs them.
// Pure.
#pragma once

#include <cstddef>
#include <cstdint>
#include <list>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>

#include "proto/ids.hpp"
#include "proto/status.hpp"
#include "server/core/session_ref.hpp"

namespace hubbub::server {

struct StoredReply {
  Status status = Status::ok;
  std::string result;
};

/// Tells apart calls that have one id by mistake: a hash of the method and its arguments.
std::uint64_t question_of(std::string_view method, std::string_view arguments);

class ReplyCache {
 public:
  explicit ReplyCache(std::size_t replies_max, std::size_t bytes_max = SIZE_MAX)
      : replies_max_(replies_max), bytes_max_(bytes_max) {}

  enum class Begun { fresh, running, done, another };
  /// Notes who asks. With `done`, `stored()` is the reply; with `another`, the id is that of another call.
  Begun begin(const ClientId& client, CallId call, std::uint64_t question, SessionRef asker);
  [[nodiscard]] bool knows(const ClientId& client, CallId call) const { return entries_.contains({client, call}); }
  [[nodiscard]] const StoredReply& stored(const ClientId& client, CallId call) const;
  /// Stores the reply and returns who asked last. The asker is empty if begin() never saw the call, or has forgotten
  /// it.
  std::optional<SessionRef> finish(const ClientId& client, CallId call, const StoredReply& reply);

  /// The call is to run if it comes again.
  void forget(const ClientId& client, CallId call);
  /// A reply of an earlier life of the hub.
  void restore(const ClientId& client, CallId call, std::uint64_t question, StoredReply reply);

  void set_replies_max(std::size_t replies_max) { replies_max_ = replies_max; }
  [[nodiscard]] std::size_t size() const { return entries_.size(); }

 private:
  struct Key {
    ClientId client;
    CallId call;
    bool operator==(const Key&) const = default;
  };
  struct KeyHash {
    std::size_t operator()(const Key& key) const {
      return std::hash<ClientId>{}(key.client) ^ (key.call.value * 0x9e3779b97f4a7c15u);
    }
  };
  struct Entry {
    std::list<Key>::iterator place;  // in by_age_, once there is a reply
    std::uint64_t question = 0;
    SessionRef asker;
    std::optional<StoredReply> reply;
  };

  void forget_beyond();
  void erase(const Key& key);

  std::size_t replies_max_;
  const std::size_t bytes_max_;
  std::size_t bytes_ = 0;  ///< of the replies
  std::unordered_map<Key, Entry, KeyHash> entries_;
  std::list<Key> by_age_;
};

}  // namespace hubbub::server
