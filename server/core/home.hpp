// The rooms whose home this core is, and the way from them to everybody else.
//   publish / post --> Room --flush--> fan_out: this core's Fanout at once, other cores by one task a slice
#pragma once

#include <memory>
#include <optional>
#include <set>
#include <unordered_map>
#include <unordered_set>
#include <utility>
#include <vector>

#include "common/asio.hpp"
#include "server/config.hpp"
#include "server/core/traces.hpp"
#include "server/rooms/room.hpp"

namespace hubbub::server {

class Core;
struct PostedByCall;

/// Deliveries that wait for another core. Over it that core's readers are passed over; they heal from the log.
inline constexpr std::size_t delivery_backlog_bytes_max = 64u << 20;
/// What durable rooms of a core have been given and not committed: the largest group that is committed together.
inline constexpr std::size_t uncommitted_bytes_max = 4u << 20;

class Home final : public RoomOutlet {
 public:
  /// Without a store every room lives in memory.
  Home(Core& core, unsigned cores, const Config& config, Store* store);

  void open(RoomId room, std::shared_ptr<RoomGauges> gauges);
  /// A durable room. REQUIRES: a store.
  void open_durable(const KeptRoom& kept, const RoomPolicy& policy, std::shared_ptr<RoomGauges> gauges);
  /// Nothing if there is no such room here.
  Room* find(RoomId room);
  void publish(Room& room, const Origin& origin, const proto::PublishView& said);
  void post(RoomId room, const Origin& origin, const AskedCall& call, const proto::PublishView& said);
  /// Takes a message back, in the name of who is in `message`.
  void redact(RoomId room, SessionRef session, CallId call, const Redaction& wish, const PostedByCall& message);
  /// The store has erased a message of a room here.
  void erased(RoomId room, Seq seq);
  void post_later(RoomId room, const Origin& origin, LaterId later, const proto::PublishView& said);
  void wait_for_next(RoomId room, SessionRef session, CallId call, Seq after);
  void trace(RoomId room, SessionRef session, CallId call, Seq seq);
  /// Nobody waits for this call any more, if it is one that waits here.
  void forget_waiter(SessionRef session, CallId call);

  /// Commits what was said since the last time. True if there was anything.
  bool flush();
  /// A core that was passed over takes deliveries again.
  void lane_opened(unsigned core);
  void reconfigure(const Config& config);
  [[nodiscard]] std::size_t tail_bytes() const { return budget_.used_bytes; }
  /// Bytes that wait for their commit. From any thread.
  [[nodiscard]] std::size_t uncommitted_bytes() const { return logs_ ? logs_->uncommitted_bytes.load() : 0; }
  /// Those for which others had better wait. None while nothing can be committed: then nothing more is taken either,
  /// and everybody is to hear so. From any thread.
  [[nodiscard]] std::size_t backlog() const { return logs_ && !logs_->in_trouble ? uncommitted_bytes() : 0; }
  /// So many that nobody is read who may publish here.
  [[nodiscard]] bool is_log_full() const { return backlog() > uncommitted_bytes_max; }
  /// Nothing can be committed now, or (empty) all is well again.
  void set_trouble(const std::string& why);
  [[nodiscard]] const std::string& trouble() const;
  void set_policy(RoomId room, const RoomPolicy& policy);

  void fan_out(const std::vector<std::uint32_t>& subscribers_by_core, const Slice& slice) override;
  bool deliver_to(SessionRef session, const GroupName& group, const Slice& slice) override;
  void acknowledge(SessionRef session, const proto::Published& published) override;
  void refuse(SessionRef session, const proto::PublishRefused& refused) override;
  void reply(SessionRef session, CallId call, Status status, std::string result) override;
  void posted(LaterId later, LaterOutcome outcome) override;
  void report_loss(SessionRef session, const proto::Lost& lost) override;
  void serve_groups_later(RoomId room) override;
  void expire_later(RoomId room) override;
  bool hand_to(const Handing& handing) override;
  void bury(Burial burial) override;
  void serve_groups_at(RoomId room, AckedGroup::Time time) override;
  void groups_moved(RoomId room) override;
  AckedGroup::Time now() override;

  /// Answered with proto::GroupList::Reply; what that says is kept, in a durable room.
  void list_groups(RoomId room, SessionRef session, CallId call);
  /// Answered with proto::Done once that is kept, with `reply`.
  void forget_group(RoomId room, SessionRef session, const GroupName& name, KeptReply reply);

 private:
  struct Waiter {
    RoomId room;
    CallId call;
  };
  std::optional<RoomId> take_waiter(SessionRef session, CallId call);
  bool pass_over(unsigned core, RoomId room);
  void mark_dirty(Room& room, bool was_dirty);
  void note_numbered(const Room& room, const Origin& origin, RoomId id);
  std::unique_ptr<Room>& place_of(RoomId room);
  void expire(RoomId room, WallTime now);
  void expire_due();
  void wait_to_expire(WallTime now);
  void keep_groups();
  void keep(std::vector<GroupMoved> moved);
  void wait_for_groups(AckedGroup::Time time);
  void serve_due_groups();

  Core& core_;
  TailBudget budget_;
  ProducerBudget producers_;
  std::unique_ptr<DurableLogs> logs_;         // where there is a store
  std::vector<std::unique_ptr<Room>> rooms_;  // by id / cores
  std::vector<Room*> dirty_;
  std::unordered_multimap<SessionRef, Waiter> waiters_;
  std::vector<std::unordered_set<RoomId>> passed_over_;  // by core: rooms with deliveries it was not given
  std::unordered_set<RoomId> unreadable_;                // rooms that couldn't be read for their queue groups
  asio::steady_timer read_again_;
  std::unordered_map<RoomId, WallTime> expiring_;      // rooms in memory, and when the next message of each expires
  std::set<std::pair<WallTime, RoomId>> expire_dues_;  // the same, by time
  asio::steady_timer expire_timer_;
  std::vector<RoomId> moved_groups_;                         // of these: to be kept in this tick
  std::unordered_map<RoomId, AckedGroup::Time> group_dues_;  // when rooms want to serve their groups
  asio::steady_timer groups_timer_;
  AckedGroup::Time groups_timer_at_ = AckedGroup::Time::max();  // max(): it isn't waited for
  Traces traces_;
};

}  // namespace hubbub::server
