// A queue group of a room: each message goes to one of its members.
//   log --next()--> pick() a member that is ready, in turn --> its session
// The group has a cursor of its own. While every member is behind (or there is none) the cursor stands still and
// messages wait in the log. What a member had been given but not been sent when it went away is given to another. Pure:
// no sockets, clocks or threads.
#pragma once

#include <deque>
#include <optional>
#include <vector>

#include "proto/ids.hpp"
#include "server/core/session_ref.hpp"

namespace hubbub::server {

class QueueGroup {
 public:
  explicit QueueGroup(Seq next) : next_(next) {}

  void add(SessionRef session) { members_.push_back({session, true}); }
  void remove(SessionRef session);
  /// A member that is behind gets nothing until it is ready again.
  void set_ready(SessionRef session, bool ready);
  /// Messages that were given to a member and didn't reach it.
  void give_back(Seq seq) { returned_.push_back(seq); }

  /// The seq to hand out now: returned ones first. It may be beyond the end of the log.
  [[nodiscard]] Seq next() const { return returned_.empty() ? next_ : returned_.front(); }
  /// `next()` was handed out, or is gone from the log: up to and with `seq`.
  void advance_past(Seq seq);

  /// The member whose turn it is, among those that are ready.
  std::optional<SessionRef> pick();
  [[nodiscard]] bool empty() const { return members_.empty(); }

 private:
  struct Member {
    SessionRef session;
    bool ready;
  };
  std::vector<Member> members_;
  std::size_t turn_ = 0;
  Seq next_;
  std::deque<Seq> returned_;
};

}  // namespace hubbub::server
