// A queue group that acknowledges: each message is handed to one member at a time until it is settled.
//
//   log --wanted()--> hand() to the least busy member --settle--> done: gone
//          ^                                            |  again: waits for its backoff  ┐
//          +---- waiting, the one due first <-----------+  back, a member lost: at once <+
//                                                       +  too often, dead: dying --buried()--> gone
//
// A message that isn't gone is *unsettled*: out with a member, waiting, or dying (on its way to the dead). All before
// next() that aren't unsettled are gone, so that next() and the unsettled ones are all that has to be kept.
// Bounded: with group_unsettled_max of them nothing new is handed out. Pure: no sockets or threads; the clock comes
// with each call.
#pragma once

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "proto/ids.hpp"
#include "proto/messages/stream.hpp"
#include "server/core/session_ref.hpp"
#include "server/rooms/queue_group.hpp"

namespace hubbub::server {

/// How a member wants to be handed messages; see proto::RoomSubscribe.
struct Acks {
  std::uint16_t at_once = 0;  ///< zero: a group without acknowledgements
  std::uint16_t attempts_max = 0;
  std::uint32_t backoff_ms = 0, backoff_ms_max = 0;
  [[nodiscard]] bool any() const { return at_once > 0; }
  bool operator==(const Acks&) const = default;
};

class AckedGroup {
 public:
  using Clock = std::chrono::steady_clock;
  using Time = Clock::time_point;
  using Range = QueueGroup::Range;

  explicit AckedGroup(Seq next) : next_(next) {}
  /// As state() said it. Nothing if that isn't one of these. All that was unsettled is to be handed out at once, as the
  /// same attempt as the last time.
  static std::optional<AckedGroup> restore(Seq next, std::string_view state);
  /// What outlives the hub, beside next(): the unsettled ones and how often each has failed.
  [[nodiscard]] std::string state() const;

  /// From now on its wish about attempts and backoff is that of the group.
  void add(SessionRef session, const Acks& acks);
  [[nodiscard]] bool has(SessionRef session) const { return find(session) != nullptr; }
  /// What it had goes to others at once; if the member was lost with it, as an attempt that failed. Returns those that
  /// have failed too often by that: they are dying. Nothing if it is no member.
  std::vector<Seq> remove(SessionRef session, bool is_lost);
  /// A member that isn't ready gets nothing until it is again. Unknown ones are no matter.
  void set_ready(SessionRef session, bool ready);

  /// What is to be handed out now: the one that has waited longest, else the next. It may be beyond the end of the log.
  [[nodiscard]] std::optional<Seq> wanted(Time now) const;
  /// Some member may be given something now.
  [[nodiscard]] bool has_place(Time now) const {
    return std::ranges::any_of(members_, [now](const Member& member) { return member.has_place(now); });
  }
  /// The least busy of those, among equals in turn. Cost: linear in the members.
  std::optional<SessionRef> pick(Time now);
  /// `wanted()` is with that member. Returns which attempt it is, from 1.
  std::uint16_t hand(Seq seq, SessionRef member);
  /// `wanted()` is nothing to be handled.
  void skip(Seq seq);
  /// The log has nothing before `first_kept` any more: what nobody will be given. What is out stays so, and so does
  /// `burying`, which is read already.
  std::vector<Range> lose_before(Seq first_kept, std::optional<Seq> burying = {});

  enum class Settled : std::uint8_t {
    not_owed,  ///< that member hasn't got it (any more); nothing has changed
    gone,
    waits,
    dying,  ///< it is to be put to the dead; until buried() it takes its place among the unsettled
  };
  /// It didn't reach that member. False if that hasn't got it (any more).
  bool give_back(SessionRef member, Seq seq);
  Settled settle(SessionRef member, Seq seq, proto::Verdict verdict, Time now);
  /// It is among the dead.
  void buried(Seq seq);

  /// When, after `now`, wanted() or pick() says something else without anything having happened.
  [[nodiscard]] std::optional<Time> next_due(Time now) const;

  [[nodiscard]] Seq next() const { return next_; }
  [[nodiscard]] std::size_t members() const { return members_.size(); }
  /// Any of them. Nothing if there is none.
  [[nodiscard]] std::optional<SessionRef> some_member() const {
    return members_.empty() ? std::nullopt : std::optional(members_.front().session);
  }
  [[nodiscard]] std::size_t unsettled() const { return unsettled_.size(); }
  [[nodiscard]] std::size_t out() const { return out_; }
  [[nodiscard]] const Acks& policy() const { return policy_; }
  /// Attempts that failed; zero of what isn't unsettled.
  [[nodiscard]] std::uint16_t failed(Seq seq) const {
    const auto found = unsettled_.find(seq);
    return found == unsettled_.end() ? std::uint16_t{0} : found->second.failed;
  }

 private:
  enum class Where : std::uint8_t { out, waiting, dying };
  struct Unsettled {
    Where where = Where::waiting;
    std::uint16_t failed = 0;
    SessionRef member = {};  // out
    Time due = {};           // waiting
  };
  struct Member {
    SessionRef session;
    std::uint16_t at_once = 0;
    bool ready = false;
    std::uint32_t out = 0;
    Time paused_until = {};
    [[nodiscard]] bool has_place(Time now) const { return ready && out < at_once && paused_until <= now; }
  };
  [[nodiscard]] const Member* find(SessionRef session) const;
  [[nodiscard]] Member* find(SessionRef session) {
    return const_cast<Member*>(static_cast<const AckedGroup*>(this)->find(session));
  }
  [[nodiscard]] std::map<Seq, Unsettled>::iterator find_out(Seq seq, SessionRef member);
  void take_back(Unsettled& message);
  void wait(Seq seq, Unsettled& message, Time due);
  [[nodiscard]] bool has_failed(Unsettled& message) const;
  [[nodiscard]] Clock::duration backoff(std::uint16_t failed) const;

  std::vector<Member> members_;
  std::size_t turn_ = 0;
  Acks policy_;
  Seq next_;
  std::map<Seq, Unsettled> unsettled_;      // all before next_
  std::set<std::pair<Time, Seq>> waiting_;  // those of them, by when they are due
  std::size_t out_ = 0;
};

}  // namespace hubbub::server
