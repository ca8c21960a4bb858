// A room at its home: numbers what is said, keeps it, and says who has to hear it.
//
//   publish --number, write the final frame into the chunk--> pending
//   flush (end of the tick) --> RoomLog --committed--> acknowledgements, queue groups, fan-out (one slice for each
//   core) attach / read / history / wait <-- sessions on any core, through their core
//
// Pure but for its log: no sockets, clocks or threads. Used only on its home core. What it has to tell goes through
// RoomOutlet.
#pragma once

#include <atomic>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "proto/hot.hpp"
#include "proto/methods/rooms.hpp"
#include "proto/status.hpp"
#include "server/core/session_ref.hpp"
#include "server/fanout/chunk.hpp"
#include "server/log/memory_log.hpp"
#include "server/rooms/producers.hpp"
#include "server/rooms/queue_group.hpp"

namespace hubbub::server {

/// What other cores may look at without asking: written by the home core, read anywhere.
struct RoomGauges {
  std::atomic<std::uint64_t> last{0};         ///< newest committed seq
  std::atomic<std::uint32_t> subscribers{0};  ///< sessions attached, on all cores
};

/// Who publishes. Borrows the name.
struct Origin {
  SessionRef session;
  ClientId client;
  std::string_view from;
  bool verified = false;
};

struct AttachWish {
  SessionRef session;
  proto::From from = proto::From::now;
  Seq seq;
  GroupName group;
};

struct AttachAnswer {
  Seq next;
  Seq last;
  Slice retained;  ///< a whole Retained frame; none without a chunk
};

/// What a reader that is behind gets: first perhaps a loss, then messages.
struct CatchUp {
  Seq lost_first, lost_last;  ///< a range that is gone; none if lost_first is zero
  std::vector<Slice> slices;
  Seq last;  ///< the end of the log when it was read
};

/// Where a room's news go. Implemented by the core; called on the home core.
class RoomOutlet {
 public:
  virtual ~RoomOutlet() = default;
  /// To every core that has subscribers.
  virtual void fan_out(const std::vector<std::uint32_t>& subscribers_by_core, const Slice& slice) = 0;
  /// To one member of a queue group. False if its core can't take it now: serve_groups() when it can.
  virtual bool deliver_to(SessionRef session, const GroupName& group, const Slice& slice) = 0;
  virtual void acknowledge(SessionRef session, const proto::Published& published) = 0;
  virtual void refuse(SessionRef session, const proto::PublishRefused& refused) = 0;
  virtual void reply(SessionRef session, CallId call, Status status, std::string result) = 0;
  /// A range that a queue group can't be given any more.
  virtual void report_loss(SessionRef session, const proto::Lost& lost) = 0;
};

class Room {
 public:
  Room(RoomId id, std::size_t cores, std::shared_ptr<RoomGauges> gauges, TailBudget& budget, RoomOutlet& outlet);
  ~Room();
  Room(const Room&) = delete;
  Room& operator=(const Room&) = delete;

  /// Takes a publish that is known to be well-formed. It is numbered at once and committed by flush().
  void publish(const Origin& origin, const proto::PublishView& said, WallTime now);
  /// The same for a call: answered with proto::RoomPost::Reply once committed.
  void post(const Origin& origin, CallId call, const proto::PublishView& said, WallTime now);
  /// True if something waits for flush().
  [[nodiscard]] bool dirty() const { return !pending_.empty(); }
  void flush();

  /// A member of a queue group is given messages from set_ready() on, so that it can be told of the answer before.
  AttachAnswer attach(const AttachWish& wish);
  void detach(SessionRef session, const GroupName& group);
  void set_ready(SessionRef session, const GroupName& group, bool ready);
  /// What was given to a member that didn't get it goes to another. REQUIRES: that member is not ready, or has left.
  void give_back(const GroupName& group, Seq first, Seq last);
  /// A core takes deliveries again.
  void serve_groups();

  /// For a reader that is behind. About bytes_max.
  void read(Seq from, std::size_t bytes_max, std::function<void(CatchUp)> then);
  void history(SessionRef session, CallId call, Seq before, std::uint16_t limit);
  /// Answered with proto::RoomNext::Reply when there is a message after `after`.
  void wait_for_next(SessionRef session, CallId call, Seq after);
  /// Nobody waits for that answer any more.
  void forget_waiter(SessionRef session, CallId call);

  [[nodiscard]] Seq last() const { return log_->last_committed(); }

 private:
  struct Waiting {  // for the commit, or for the next message
    SessionRef session;
    CallId call;
    PublishId id;
    Seq seq;
    WallTime time;
  };
  [[nodiscard]] bool may_take(const Origin& origin, const proto::PublishView& said) const;
  Seq append(const Origin& origin, const proto::PublishView& said, WallTime now);
  char* reserve(std::size_t bytes);
  void retain(Slice frame);
  void on_committed(Seq last);
  void answer_waiters();
  void answer_next(const Waiting& waiter);
  void serve(const GroupName& name, QueueGroup& group);
  bool serve_one(const GroupName& name, QueueGroup& group);
  bool hand_out(const GroupName& name, QueueGroup& group, const Slice& slice);

  const RoomId id_;
  const std::shared_ptr<RoomGauges> gauges_;
  TailBudget& budget_;
  RoomOutlet& outlet_;
  Producers producers_;
  std::unique_ptr<RoomLog> log_;

  Seq newest_;            // numbered, perhaps not committed yet
  WallTime newest_time_;  // never goes back, whatever the clock does
  ChunkRef chunk_;        // where the next frame goes
  std::uint32_t chunk_used_ = 0;
  std::size_t tick_bytes_ = 0, last_tick_bytes_ = 0;  // written since the last flush, and between the two before
  std::vector<Slice> pending_;                        // numbered since the last flush
  std::vector<Slice> committing_;                     // given to the log, not fanned out yet
  std::vector<Waiting> acks_, posts_, next_waiters_;

  Slice retained_;  // a whole Retained frame, in a chunk of its own; none without a chunk
  std::vector<std::uint32_t> subscribers_by_core_;
  std::map<GroupName, QueueGroup> groups_;
  bool serving_ = false;
};

}  // namespace hubbub::server
