// A room at its home: numbers what is said, keeps it, and says who has to hear it.
//
//   publish --number, write the final frame into the chunk--> pending
//   flush (end of the tick) --> RoomLog --committed--> acknowledgements, queue groups, fan-out (one slice for each
//   core)
//   attach / read / history / wait <-- sessions on any core, through their core
//
// In a durable room the commit comes later, from the log's thread; nothing of a batch is told to anybody before.
//
// Pure but for its log: no sockets, clocks or threads. Used only on its home core. What it has to tell goes through
// RoomOutlet.
#pragma once

#include <atomic>
#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_set>
#include <vector>

#include "proto/hot.hpp"
#include "proto/methods/rooms.hpp"
#include "proto/status.hpp"
#include "server/core/session_ref.hpp"
#include "server/dump/json_writer.hpp"
#include "server/fanout/chunk.hpp"
#include "server/log/durable_log.hpp"
#include "server/log/producers.hpp"
#include "server/rooms/acked_groups.hpp"
#include "server/rooms/queue_group.hpp"
#include "server/rooms/read_ahead.hpp"

namespace hubbub::server {

/// What other cores may look at without asking: written by the home core, read anywhere.
struct RoomGauges {
  std::atomic<std::uint64_t> last{0};         ///< newest committed seq
  std::atomic<std::uint64_t> first{1};        ///< oldest that was kept when it was last looked at
  std::atomic<std::uint32_t> subscribers{0};  ///< sessions attached, on all cores
};

/// Who publishes. Borrows the name.
struct Origin {
  SessionRef session;
  ClientId client;
  std::string_view from;
  bool verified = false;
  std::uint64_t epoch = 0;  ///< of the client, if it is registered as a producer
  bool local = false;       ///< by a UNIX socket
  WallTime read_at = {};    ///< of a traced message
  bool by_hub = false;      ///< the hub vouches for what the headers say
};

/// Who takes back which message.
struct Redaction {
  Seq seq;
  bool owns_room = false;  ///< may take back what others have said
  std::string reason;
};

struct AttachWish {
  SessionRef session;
  proto::From from = proto::From::now;
  Seq seq;
  GroupName group;  ///< empty with From::time
  WallTime since = {};
  Acks acks = {};  ///< with a group that acknowledges
};

struct AttachAnswer {
  Seq next;
  Seq last;
  bool durable = false;
  Slice retained;  ///< a whole Retained frame; none without a chunk
};

/// What a reader that is behind gets: first perhaps a loss, then messages.
struct CatchUp {
  Seq lost_first, lost_last;  ///< a range that is gone; none if lost_first is zero
  std::vector<Slice> slices;
  Seq last;                         ///< the end of the log when it was read
  std::optional<Error> error = {};  ///< the log can't be read
};

/// What became of a message that was to be posted later.
enum class LaterOutcome : std::uint8_t {
  kept,     ///< and in the same transaction it ceased to be one of those
  said,     ///< in a room that keeps nothing: it is still one of them
  refused,  ///< nothing can be kept now
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
  virtual void posted(LaterId later, LaterOutcome outcome) = 0;
  /// A range that a queue group can't be given any more.
  virtual void report_loss(SessionRef session, const proto::Lost& lost) = 0;
  /// The log can't be read for a queue group: serve_groups() in a while.
  virtual void serve_groups_later(RoomId room) = 0;
  /// Something in the room, which is one in memory, expires: expire() when it is time.
  virtual void expire_later(RoomId room) = 0;

  // Of queue groups that acknowledge.
  /// False if the member's core can't take it now. Where it doesn't reach the member, give_back() says so.
  virtual bool hand_to(const Handing& handing) = 0;
  /// To the dead, and then buried().
  virtual void bury(Burial burial) = 0;
  virtual void serve_groups_at(RoomId room, AckedGroup::Time time) = 0;
  /// Something is there for take_moved().
  virtual void groups_moved(RoomId room) = 0;
  virtual AckedGroup::Time now() = 0;
};

class Room {
 public:
  /// A room that lives in memory.
  Room(RoomId id, std::size_t cores, std::shared_ptr<RoomGauges> gauges, TailBudget& budget, ProducerBudget& producers,
       RoomOutlet& outlet);
  /// A durable room, which goes on where `kept` says. With `fsync` it is committed once it would survive a loss of
  /// power.
  Room(const KeptRoom& kept, bool fsync, std::size_t cores, std::shared_ptr<RoomGauges> gauges, TailBudget& budget,
       ProducerBudget& producers, DurableLogs& logs, RoomOutlet& outlet);
  ~Room();
  Room(const Room&) = delete;
  Room& operator=(const Room&) = delete;

  /// Takes a publish that is known to be well-formed. It is numbered at once and committed by flush().
  void publish(const Origin& origin, const proto::PublishView& said, WallTime now);
  /// The same for a call: answered with proto::RoomPost::Reply once committed.
  void post(const Origin& origin, const AskedCall& call, const proto::PublishView& said, WallTime now);
  /// Erases a message and posts a notice of it, once that is known to be allowed. Answered with
  /// proto::RoomRedact::Reply. `found`: what read() gave for it.
  void redact(const Origin& origin, const AskedCall& call, const Redaction& wish, const CatchUp& found, WallTime now);
  /// The store has erased a message. REQUIRES: durable.
  void erased(Seq seq);
  /// Erases what has expired by now; when to call again.
  std::optional<WallTime> expire(WallTime now) { return log_->expire(now); }
  /// The same at its time, for nobody who waits: told to RoomOutlet::posted(). Where it can't be retained it is said
  /// all the same.
  void post_later(const Origin& origin, LaterId later, proto::PublishView said, WallTime now);
  /// True if something waits for flush().
  [[nodiscard]] bool dirty() const { return !pending_.empty(); }
  void flush();
  /// Nothing can be committed now (see RoomLog::trouble): producers that wait are told that the outcome is unknown.
  void on_trouble();
  /// Retention has given up everything before that. REQUIRES: durable.
  void trimmed(Seq first_kept);
  void set_fsync(bool fsync) { fsync_ = fsync; }

  /// Answers now, or later where a time has to be looked up. A member of a queue group is given messages from
  /// set_ready() on, so that it can be told of the answer before.
  void attach(const AttachWish& wish, std::function<void(const AttachAnswer&)> then);
  void detach(SessionRef session, const GroupName& group, const Leaving& leaving = {});
  void set_ready(SessionRef session, const GroupName& group, bool ready);
  /// What was given to a member that didn't get it goes to another. REQUIRES: that member is not ready, or has left.
  void give_back(const GroupName& group, Seq first, Seq last);
  /// A core takes deliveries again.
  void serve_groups();

  /// The queue groups that acknowledge. Their members come and go by attach(), detach() and set_ready(), too.
  [[nodiscard]] AckedGroups& acked() { return acked_; }

  /// For a reader that is behind. About bytes_max.
  void read(Seq from, std::size_t bytes_max, std::function<void(CatchUp)> then);
  void history(SessionRef session, CallId call, Seq before, std::uint16_t limit);
  /// Answered like a page of history, with the messages that are pinned.
  void pins(SessionRef session, CallId call);
  /// Answered with proto::RoomNext::Reply when there is a message after `after`.
  void wait_for_next(SessionRef session, CallId call, Seq after);
  /// Nobody waits for that answer any more.
  void forget_waiter(SessionRef session, CallId call);

  /// Its fields, into an object that is open.
  void dump(JsonWriter& json) const;

  [[nodiscard]] Seq last() const { return log_->last_committed(); }
  [[nodiscard]] Seq newest_numbered() const { return newest_; }
  [[nodiscard]] Seq first_kept() const { return log_->first_kept(); }
  [[nodiscard]] bool is_durable() const { return log_->is_durable(); }
  [[nodiscard]] proto::Durability durability() const;

 private:
  struct Waiting {  // for the commit, or for the next message
    SessionRef session;
    CallId call;
    PublishId id;
    Seq seq;
    std::string reply = {};    // of a post
    bool seq_is_known = true;  // else it is only what has to be committed
    LaterId later = {};        // of a post for nobody who waits
  };
  struct Group {
    explicit Group(Seq next) : members(next) {}
    QueueGroup members;
    ReadAhead ahead;
    bool reading = false;  // the log was asked and hasn't answered
  };
  void let_go_of_chunk();
  void restore_retained(const std::string& frame);
  void take(const Origin& origin, const proto::PublishView& said, const Producers::Publication& publication,
            WallTime now);
  void refuse_publish(const Origin& origin, const proto::PublishView& said, const Producers::Admission& admission);
  void refuse_in_trouble(const Origin& origin, const proto::PublishView& said);
  [[nodiscard]] AttachAnswer place(const AttachWish& wish);
  void read_page(SessionRef session, CallId call, Seq from, Seq end);
  void amend_page(SessionRef session, CallId call, const LogRead& found);
  struct Page;
  void reply_page(SessionRef session, CallId call, Page page, std::vector<AmendmentsWish::Range> targets);
  struct Pins;
  void read_pins(const std::shared_ptr<Pins>& pins);
  void post_and_reply(const Origin& origin, const AskedCall& call, const proto::PublishView& said, WallTime now,
                      std::string reply);
  void on_erased(Seq seq);
  Batch& batch_for_next();
  [[nodiscard]] bool may_take(const Origin& origin, const proto::PublishView& said) const;
  Seq append(const Origin& origin, const proto::PublishView& said, WallTime now,
             const Producers::Publication* publication = nullptr, std::optional<KeptReply> reply = {},
             LaterId later = {});
  char* reserve(std::size_t bytes);
  void retain(Slice frame);
  void on_committed(Seq last);
  void answer_waiters();
  void answer_next(const Waiting& waiter);
  void wait_behind(Waiting waiter, Seq first_kept);
  void acknowledge_later(SessionRef session, PublishId id, const Producers::Admission& admission);
  void serve(const GroupName& name, Group& group);
  bool serve_one(const GroupName& name, Group& group);
  bool read_ahead(const GroupName& name, Group& group);
  void found_ahead(const GroupName& name, const LogRead& found);
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
  std::vector<Batch> pending_;                        // numbered since the last flush
  std::deque<Slice> committing_;                      // given to the log, not fanned out yet
  Seq flushed_;                                       // the last that was given to the log
  bool fsync_ = false;
  std::vector<Waiting> acks_, posts_, next_waiters_;

  Slice retained_;  // a whole Retained frame, in a chunk of its own; none without a chunk
  std::vector<std::uint32_t> subscribers_by_core_;
  std::map<GroupName, Group> groups_;
  AckedGroups acked_{id_, log_, outlet_};
  bool serving_ = false;
  std::unordered_set<SessionRef> told_of_trouble_;  // whose publishes ask for no acknowledgement
};

}  // namespace hubbub::server
