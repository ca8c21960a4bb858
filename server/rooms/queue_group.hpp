// A queue group of a room: each message goes to one of its members.
//   log --next()--> pick() a member that is ready, in turn --> its session
// The group has a cursor of its own. While every member is behind the cursor stands still and messages wait in the log.
// What a member had been given but not been sent when it went away is given to another. A group ends with its last
// member. Pure: no sockets, clocks or threads.
#pragma once

#include <algorithm>
#include <optional>
#include <set>
#include <vector>

#include "proto/ids.hpp"
#include "server/core/session_ref.hpp"

namespace hubbub::server {

class QueueGroup {
 public:
  explicit QueueGroup(Seq next) : next_(next) {}

  /// It is given messages once set_ready() says that it may be.
  void add(SessionRef session) { members_.push_back({session, false}); }
  void remove(SessionRef session);
  /// A member that is behind gets nothing until it is ready again.
  void set_ready(SessionRef session, bool ready);
  /// Messages that were given to a member and didn't reach it.
  void give_back(Seq first, Seq last);

  /// The seq to hand out now: the lowest of the returned ones first. It may be beyond the end of the log.
  [[nodiscard]] Seq next() const { return returned_.empty() ? next_ : *returned_.begin(); }
  /// `next()` is handed out.
  void take_next();

  struct Range {
    Seq first, last;
    bool operator==(const Range&) const = default;
  };
  /// The log has nothing before `first_kept` any more: the ranges that nobody was given and nobody will be.
  std::vector<Range> lose_before(Seq first_kept);

  /// The member whose turn it is, among those that are ready.
  std::optional<SessionRef> pick();
  [[nodiscard]] bool has_ready() const { return std::ranges::any_of(members_, &Member::ready); }
  [[nodiscard]] std::size_t size() const { return members_.size(); }
  [[nodiscard]] bool empty() const { return members_.empty(); }

 private:
  struct Member {
    SessionRef session;
    bool ready;
  };
  std::vector<Member> members_;
  std::size_t turn_ = 0;
  Seq next_;
  std::set<Seq> returned_;  // all before next_
};

}  // namespace hubbub::server
