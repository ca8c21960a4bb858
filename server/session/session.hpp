// One connection of one client, from its first byte to its last. Lives on one core.
//
//   socket --core's read buffer--> FrameReader --> Publish: checked, then to the room's home
//                                             \--> Call, Cancel: to the directory     (others: answered here)
//   socket <--one gathered write a tick-- Outbox <-- deliveries (slices), replies and other frames of its own
//
// States: greeting (only a Hello is allowed, within a time) → open → leaving (said Goodbye: what is owed is answered) →
// closing (the last frames go out; what still comes is thrown away, so that they arrive) → gone.
#pragma once

#include <cstdint>
#include <list>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "common/frame_reader.hpp"
#include "common/stream.hpp"
#include "proto/codec.hpp"
#include "proto/hot.hpp"
#include "proto/methods.hpp"
#include "server/core/deadlines.hpp"
#include "server/core/session_ref.hpp"
#include "server/dump/json_writer.hpp"
#include "server/fanout/fanout.hpp"
#include "server/fanout/outbox.hpp"
#include "server/session/token_bucket.hpp"

namespace hubbub::server {

class Core;

/// Answers that a client hasn't read: past this it isn't asked for more questions.
inline constexpr std::size_t unread_answers_bytes_max = 256 * 1024;
/// Past this they get no long answers any more, and no calls: what one client can make the hub hold is bounded.
inline constexpr std::size_t unread_answers_bytes_refused = 16u << 20;

class Session {
 public:
  Session(Core& core, SessionRef ref, Stream stream, std::string host);
  /// Begins to read, and the time for the handshake.
  void start();

  [[nodiscard]] SessionRef ref() const { return ref_; }
  [[nodiscard]] Core& core() { return core_; }
  [[nodiscard]] Outbox& outbox() { return outbox_; }
  [[nodiscard]] std::map<std::uint32_t, Attachment>& attachments() { return attachments_; }
  Attachment* find_attachment(RoomId room);
  [[nodiscard]] const std::string& host() const { return host_; }
  /// Its client is slow to take what it gets: no more from queue groups for now.
  [[nodiscard]] bool is_slow() const;

  // Output. Queued now, written in this tick's flush.
  /// False if there is no memory to queue it.
  bool deliver(const Slice& slice);
  void tell_frames(std::string_view frames);
  /// A frame that other sessions are told too. It is held once for all of them.
  void tell_shared(const Slice& frame);
  /// Presence and the like: dropped for a client that doesn't read what it has.
  void tell_event(std::string_view frames);
  template <class Message>
  void tell(const Message& message);
  /// What the directory, a room or this session itself says to a call, if that still waits.
  void reply(CallId call, Status status, std::string_view result);
  /// The directory has done with a call: its reply, if nobody else has given one before.
  void answer(CallId call, Status status, std::string_view result);
  /// The directory gives it a call of a service that it offers, unless it doesn't read what it was given before.
  void invoke(InvocationId id, std::string_view frame);
  void flush();
  void want_flush();
  /// Rooms that wait for the outbox to drain: to be read on from their logs, or to be given by their groups again.
  struct Behind {
    std::list<RoomId> rooms;
    bool reading = false;     ///< a log was asked and hasn't answered
    bool pushed_out = false;  ///< the bound was passed since the outbox was empty: what is read now would not stay
  };
  [[nodiscard]] Behind& behind() { return behind_; }
  [[nodiscard]] bool is_behind() const { return !behind_.rooms.empty() || behind_.reading; }
  void note_behind(RoomId room) {
    behind_.rooms.push_back(room);
    want_flush();
  }

  // From the directory.
  void welcome(const PersonName& name, bool verified);
  void renamed(const PersonName& name) {
    name_ = name.str();
    origin_.from = name_;
  }
  void admit(RoomId room) { admitted_.insert(room.value); }
  /// It is the one that publishes under its client id from now on.
  void registered(std::uint64_t epoch) {
    origin_.epoch = epoch;
    fenced_ = false;
  }
  /// Another session is.
  void fence() { fenced_ = true; }
  /// Attaches all and then answers the call, unless it is zero.
  void attach_all(CallId call, std::size_t matched, const std::vector<RoomToAttach>& rooms);

  /// Says why, sends what is queued, and ends.
  void close(proto::CloseReason reason, std::string_view sentence = {});
  /// The hub is being stopped: the same, once it has what its rooms still have for it, at the latest after `grace`.
  void close_for_shutdown(SteadyTime::duration grace);
  /// Ends without a word.
  void drop(proto::CloseReason reason);
  /// No more is read from the client: the hub is being stopped.
  void stop_reading() { reading_stopped_ = true; }
  /// The lanes to other cores have room again.
  void lanes_opened();
  void set_message_rate(std::uint64_t rate, std::uint64_t burst) { bucket_ = TokenBucket(rate, burst); }

  void due(const Due& due);
  /// As an object.
  void dump(JsonWriter& json) const;

 private:
  enum class State : std::uint8_t { greeting, open, leaving, closing, gone };
  struct PendingCall {
    CallId id;
    SteadyTime due;           ///< max() without a deadline
    std::size_t bytes = 0;    ///< of its arguments
    bool large = false;       ///< its answer
    bool waits = false;       ///< for the next message of a room
    bool held = false;        ///< in held_calls_, for its turn
    bool of_service = false;  ///< a program's, not the hub's
  };
  struct HeldCall {  // owns what a proto::Call borrows from the read buffer
    CallId id;
    MethodName method;
    std::string arguments;
  };
  /// It hasn't said a Hello that we understood.
  [[nodiscard]] bool is_stranger() const { return state_ == State::greeting && !greeting_sent_; }

  // reading: session.cpp
  void wait_for_input();
  void on_readable();
  void on_end_of_input();
  bool on_frame(const proto::Frame& frame);
  void pause_reading();
  void resume_reading();
  void on_written(const IoResult& result);
  void forget_waiting(const std::vector<PendingCall>& calls);
  void give_up(CallId call, Status why, std::string_view sentence);
  void take_leave();
  void close_when_answered();
  void tell_directory_the_end();

  // messages: session_messages.cpp
  void on_hello(const proto::Frame& frame);
  void keep_for_later(const proto::Frame& frame);
  void on_publish(std::string_view payload);
  bool waits_for_refused(const proto::PublishView& said);
  void refuse(const proto::PublishView& said, Status status, std::string_view sentence,
              proto::Refusal why = proto::Refusal::other);
  bool aim_at(RoomId room);
  void on(const proto::Hello&);
  void on(const proto::Goodbye&);
  void on(const proto::Ping& ping);
  void on(const proto::Pong&);
  void on(const proto::Publish&) {}  // on_publish() takes them before
  void on(const proto::Settle& settle);
  void on(const proto::Call& call);
  void on(const proto::Cancel& cancel);
  void on(const proto::Outcome& outcome);
  void note_activity();
  [[nodiscard]] bool has_enough_to_do() const;
  void start(const PendingCall& call, const MethodName& method, std::string arguments);
  void start_held_calls();
  [[nodiscard]] bool may_start_large() const;

  // time: session_time.cpp
  void check_at(SteadyTime when);
  void check_liveness(SteadyTime now);
  [[nodiscard]] bool is_half_open();
  void expire_calls(SteadyTime now);
  void plan_expiry();
  void forget_deadlines();

  Core& core_;
  const SessionRef ref_;
  Stream stream_;
  FrameReader reader_;
  Outbox outbox_;
  std::map<std::uint32_t, Attachment> attachments_;  // by room id; a map costs an idle session less than a hash table
  std::set<std::uint32_t> admitted_;                 // rooms it may publish to beside those it receives
  struct Target {
    RoomId room;           ///< zero: none yet
    unsigned home = 0;     ///< its core
    Room* here = nullptr;  ///< itself, if that is this core; it stays as long as the core
  };
  Target target_;                               // of the last publish
  std::map<std::uint32_t, PublishId> refused_;  // by room: what has to come again before anything behind it
  std::vector<PendingCall> calls_;              // not answered yet
  std::list<HeldCall> held_calls_;              // those of calls_ that are held
  std::vector<CallId> large_running_;           // being answered, even if they are in calls_ no more
  std::size_t call_bytes_ = 0;                  // of the arguments of calls_
  std::vector<InvocationId> owed_;              // the Outcomes of these, ascending

  State state_ = State::greeting;
  std::uint16_t homes_awaited_ = 0;  // while leaving: those that may still owe something
  bool flush_wanted_ = false;
  bool writable_awaited_ = false;
  bool readable_awaited_ = false;
  bool reading_paused_ = false;
  bool reading_stopped_ = false;
  bool pinged_ = false;
  bool resume_wanted_ = false;
  bool shutting_down_ = false;
  bool greeting_sent_ = false;  // to the directory, which has to be told the end
  bool input_ended_ = false;
  bool said_goodbye_ = false;
  bool fenced_ = false;
  Behind behind_;
  std::string name_;
  std::string early_;  // frames that came while the Hello was being answered
  Origin origin_;      // of what it publishes, put together once: see docs/performance.md
  TokenBucket bucket_;
  std::string host_;
  SteadyTime heard_at_, refused_at_, active_at_;
  SteadyTime check_at_;                       // the one liveness check that counts
  SteadyTime expiry_at_ = SteadyTime::max();  // when calls_ are looked at next; max(): not planned
};

template <class Message>
void Session::tell(const Message& message) {
  thread_local std::string frame;
  frame.clear();
  proto::encode(message, frame);
  tell_frames(frame);
}

}  // namespace hubbub::server
