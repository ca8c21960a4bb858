// Everything that this client has said and that isn't settled yet, room by room, and who waits for it.
//   add --> Publishing --pump--> the connection's output
//   Published, PublishRefused, rooms opened, reconnects --> Publishing --> callers, first refusal for drain()
//
// With an outbox nothing is sent before it is in there. What is too much for the memory is only there, and comes back
// piece by piece:
//   add --> unkept --keep--> outbox, and queue --pump-->         ids: [ queue ][ only in the outbox ][ unkept: none yet
// Without an outbox pure but for the callers' handlers, which it calls last, when its own state is in order.
#pragma once

#include <deque>
#include <functional>
#include <optional>
#include <unordered_map>
#include <vector>

#include "client/link/outbox/outbox.hpp"
#include "client/link/publisher.hpp"

namespace hubbub::link {

class Publishing {
 public:
  using Settled = std::function<void(Result<Receipt>)>;

  struct Waiter {
    Publisher::Ticket ticket;
    Settled settled;
  };
  struct Room {
    RoomName name;
    RoomId id;             ///< of this connection; zero until the hub has told
    RoomId id_before;      ///< the last one, of this life of the hub
    bool opening = false;  ///< room.open is under way
    bool wanted = false;   ///< somebody waits for the id
    bool ready = false;    ///< stands in ready_
    bool durable = false;  ///< as the hub said when it was opened last
    bool parked = false;   ///< it can't be opened now: all of it is only in the outbox, and counts for nothing
    bool anew = false;     ///< the hub has another life since: whether ids go on shows when the room is opened
    Publisher queue;
    Publisher::Ticket kept = 0;   ///< up to and with this: they were in the outbox at the start
    std::uint64_t in_outbox = 0;  ///< messages behind the queue's that are only there
    std::string unkept;           ///< frames that aren't in the outbox yet
    std::uint64_t unkept_count = 0;
    std::deque<Waiter> waiters;    ///< by ticket
    std::optional<Error> refusal;  ///< of opening, for the next publish without acknowledgement

    [[nodiscard]] std::uint64_t count() const { return parked ? 0 : queue.count() + in_outbox + unkept_count; }
    [[nodiscard]] std::size_t bytes() const { return queue.bytes() + unkept.size(); }
    /// Nothing here was said by this program. REQUIRES: not parked.
    [[nodiscard]] bool has_only_kept() const { return queue.settled() + count() <= kept; }
  };

  Publishing() = default;
  /// Goes on with what is left in there. About `window_bytes` of a room are held in memory. REQUIRES: the outbox
  /// outlives this.
  Publishing(Outbox& outbox, std::size_t window_bytes);

  /// The room of that name, made if there is none.
  Room& room(const RoomName& name);

  /// The outbox, if any, has room for that room.
  [[nodiscard]] bool may_say_to(const RoomName& name) const {
    return outbox_ == nullptr || names_.size() < Outbox::rooms_max || names_.contains(name);
  }

  /// Sees to it that the room's id will be asked for.
  void want(Room& room) { list(room); }

  /// Keeps `message` until it is settled; `settled` may be empty, then a refusal is kept for take_refusal(). It only
  /// notes what it is told: it doesn't come back here.
  void add(Room& room, const Outgoing& message, Settled settled);

  /// Puts into the outbox what isn't there yet, and takes out of it what has its turn. `sends`: pump() comes next.
  /// Fails where the outbox does; then what it doesn't hold is lost to it: stop().
  Result<void> keep(bool sends);

  /// Appends what can be sent now to `out` until that has `out_bytes` or nothing is left. Nothing while paused.
  void pump(std::string& out, std::size_t out_bytes);
  /// pump() would append something.
  [[nodiscard]] bool can_pump() const { return !paused_ && !ready_.empty(); }
  /// The same of one room.
  void pump(Room& room, std::string& out, std::size_t out_bytes);

  /// The rooms whose id is needed and not asked for. They count as asked for from now on.
  std::vector<RoomName> take_rooms_to_open();
  /// Two names may turn out to be one room: that of a direct conversation with somebody who was renamed.
  void opened(const RoomName& name, RoomId id, bool durable = false);
  /// Somebody has another name now: what was said to them goes on under it, and the old name is anybody's.
  void rename(const RoomName& from, const RoomName& to);
  enum class Again {
    soon,   ///< it will be asked for again
    later,  ///< with the next message to it, or the next connection: what waits stays in the outbox, if there is one
    never,  ///< what waits fails, and is set aside
  };
  void open_failed(const RoomName& name, const Error& why, Again again);

  void acknowledged(const proto::Published& published);
  enum class Next { send, pause, renew };  ///< what comes next: see pause() and renew()
  Next refused(const proto::PublishRefused& refused);

  void pause(bool paused) { paused_ = paused; }
  [[nodiscard]] bool paused() const { return paused_; }
  /// The connection is gone: ids of rooms mean nothing, everything unsettled is unsent again.
  void disconnected();
  /// The hub was restarted: in transient rooms it counts from 1 again, and in durable ones if they weren't before.
  void new_life();
  /// Ids that were given out belong to this producer: elsewhere they may mean something else.
  [[nodiscard]] bool has_ids() const;
  /// The producer is another one from now on, whose ids begin at 1. What was sent may have been taken by somebody, for
  /// this `reason`: it is set aside. REQUIRES: disconnected.
  void renew(std::string_view reason);
  /// Goes on with all that another one without an outbox has, as if nothing of it had been sent. REQUIRES: nothing was
  /// said here yet.
  void take_over(Publishing before);
  /// Of what the outbox held at the start nobody knows whether it was sent.
  void doubt_kept();
  /// Fails everything that isn't in the outbox, and who waits for what is.
  void fail_all(const Error& why);
  /// The same, and nothing is taken or sent any more.
  void stop(const Error& why);
  [[nodiscard]] const std::optional<Error>& stopped() const { return stopped_; }

  [[nodiscard]] std::size_t count() const { return count_; }  ///< unsettled messages
  [[nodiscard]] std::size_t bytes() const { return bytes_; }  ///< theirs, as far as they are in memory
  /// Messages, without those that were in the outbox at the start.
  [[nodiscard]] std::uint64_t acknowledged() const { return acknowledged_; }
  /// The first refusal that nobody was told yet.
  std::optional<Error> take_refusal();
  /// Likewise, why something stays in the outbox, or what an earlier program had said was refused.
  std::optional<Error> take_notice();

 private:
  /// Keeps the sums over all rooms right while one room changes. One at a time for each room.
  class Change {
   public:
    Change(Publishing& all, const Room& room) : all_(all), room_(room) {
      all_.count_ -= room_.count();
      all_.bytes_ -= room_.bytes();
    }
    ~Change() {
      all_.count_ += room_.count();
      all_.bytes_ += room_.bytes();
    }
    Change(const Change&) = delete;
    Change& operator=(const Change&) = delete;

   private:
    Publishing& all_;
    const Room& room_;
  };

  /// Puts the room where it has to stand now: among those to open, or those to send.
  void list(Room& room);
  [[nodiscard]] bool has_unsent(const Room& room) const;
  void renumber(Room& room, PublishId first);
  void move_to_outbox(Room& room);
  Result<void> take_back(Room& room);
  [[nodiscard]] Error fenced() const;
  void give_up(Room& room, std::uint64_t count, std::string_view reason);
  void note(const Error& refusal);
  Room* by_id(RoomId id);
  static std::vector<Waiter> take_settled(Room& room);
  void merge(Room& from, Room& into);
  void take_over(Room& from);
  void fail_one(Room& room, Publisher::Ticket ticket, const Error& why);
  void fail(Room& room, const Error& why);
  std::uint64_t drop_all(Room& room);
  static std::uint64_t fail_waiters(Room& room, const Error& why);
  void park(Room& room, Error why);
  void unpark(Room& room);
  void refuse_all(Room& room, Error why);

  Outbox* outbox_ = nullptr;
  std::size_t window_bytes_ = 0;
  std::vector<Room*> unkept_;  ///< have something that isn't in the outbox
  std::optional<Error> stopped_;
  std::deque<Room> rooms_;  ///< each stays where it is
  std::unordered_map<RoomName, Room*> names_;
  std::unordered_map<RoomId, Room*> ids_;  ///< of this life of the hub, since publish ids count on there
  std::vector<Room*> ready_;               ///< have an id and something unsent
  std::vector<Room*> unopened_;            ///< their id is needed
  RoomName last_name_;                     ///< of the last room(): most programs talk to one
  Room* last_ = nullptr;
  std::size_t count_ = 0;
  std::size_t bytes_ = 0;
  std::uint64_t acknowledged_ = 0;
  bool paused_ = false;
  std::optional<Error> refusal_;
  std::optional<Error> notice_;
};

}  // namespace hubbub::link
