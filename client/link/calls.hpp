// The calls that have no answer yet.
//   add --> Calls --encode--> the connection          Reply, reconnects, the end --> Calls --> who called
// Pure but for the callers' handlers, which it calls last, when its own state is in order.
#pragma once

#include <chrono>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "proto/messages/calls.hpp"

namespace hubbub::link {

/// True if the method changes something at the hub. A method that this version doesn't know is taken for one.
bool changes_something(const MethodName& method);

class Calls {
 public:
  using Time = std::chrono::steady_clock::time_point;
  using Done = std::function<void(Result<std::string>)>;

  struct Pending {
    MethodName method;
    std::string arguments;
    std::optional<Time> deadline;
    bool of_connection = false;  ///< the Link's own: a new connection makes a new one, this one just ends
    bool sent = false;
    Done done;
    bool repeatable = false;  ///< its id is the caller's, who wants it to be the same call whenever it comes
    bool exactly = false;     ///< of a service, exactly once: every life of a hub with the same data knows it
  };

  /// `first`: where its own ids begin. Nothing that a client had asked before under the same ClientId may come again.
  explicit Calls(std::uint64_t first = 1) : next_(first) {}

  /// Under the wanted id, if any. REQUIRES: no other pending call has it.
  CallId add(Pending call, std::optional<CallId> wanted = std::nullopt);
  /// Appends the call's frame. Nothing if it is no longer pending.
  void send(CallId id, Time now, std::string& out);
  /// Answers it. An answer to no pending call is dropped: it came after its deadline.
  void answer(const proto::Reply& reply);
  /// Its caller no longer waits: forgets it, and tells the hub if it knows of it.
  void abandon(CallId id, std::string* out);

  /// The connection is gone: the Link's own calls end without an answer.
  void disconnected();
  /// Nobody knows what became of the calls that changed something at a hub that is no more: they fail. One with the
  /// `same_data` knows those whose effect is there; that of a post may have been in a room that wasn't.
  void new_life(bool same_data);
  /// The same of all of them, where the hub knew them under a client id that isn't used any more, for this `reason`.
  void new_client(std::string_view reason);
  /// Appends what others asked for, oldest first, to a new connection.
  void send_all(Time now, std::string& out);
  void fail_all(const Error& why);

  [[nodiscard]] bool empty() const { return pending_.empty(); }

 private:
  template <class Kept>
  void fail_sent(std::string_view reason, Kept kept);

  std::uint64_t next_;  ///< a client's ids never repeat, see ClientId
  std::map<CallId, Pending> pending_;
};

}  // namespace hubbub::link
