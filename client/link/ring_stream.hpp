// What a reader of the agent's ring has received, room by room.
//   begin(places), take(frame), take(frame) … --> events: Message, Gap, RoomAttached
//   a hole --> the room is behind: what the ring has of it is only counted, and read from the hub until it has caught
//   up
//              question() --> room.history --> fill(page) --> events          postpone(), give_up(): there is no page
// Every room has a cursor that moves by one, so nothing comes twice and what is missing is read or told; what is held
// is bounded, however far behind a room is. A room is known by the agent's id before its name, which others may come to
// have, and its numbers count within one life of the hub. Pure.
#pragma once

#include <chrono>
#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "client/link/history_window.hpp"
#include "client/link/room_life.hpp"
#include "client/link/types.hpp"

namespace hubbub::link {

class RingStream {
 public:
  using Time = std::chrono::steady_clock::time_point;

  /// No hub comes near it: what says more is odd, and is refused, so that sums don't overflow.
  static constexpr Seq seq_max{std::uint64_t{1} << 62};

  /// A room as the agent gives it: the next message of it in the ring is `next`.
  struct Place {
    RoomName room;
    RoomId id;
    Seq next;            ///< at most seq_max
    RoomLife life = {};  ///< zero: an older agent's
    bool durable = false;
  };

  /// `from`: the first message of each room that exists at the first begin(); zero: what comes from then on.
  /// `hop`: what the stamps of traced messages call this end.
  RingStream(std::vector<Pattern> patterns, Seq from, std::string hop = "client")
      : patterns_(std::move(patterns)), from_(from), hop_(std::move(hop)) {}

  /// There is a seat, the first one or another: the rooms that match now. What was missed between two is to be read; a
  /// room that wasn't there before was made in between, or is of another life, and begins with its first message.
  void begin(const std::vector<Place>& places);
  /// What came out of the ring. False if it is no frame of an agent.
  bool take(std::string_view frame);

  [[nodiscard]] bool behind() const { return !behind_.empty(); }
  /// Whether one of the rooms that are behind isn't put off beyond `now`: then that one is asked for next.
  [[nodiscard]] bool ready(Time now);
  /// When one of them is. REQUIRES: behind().
  [[nodiscard]] Time ready_at() const;
  /// Of the first room that is behind. REQUIRES: behind().
  [[nodiscard]] proto::RoomHistory question();
  /// Whether a hub that has welcomed so has the numbers of the room that is asked for. REQUIRES: behind().
  [[nodiscard]] bool is_of(const proto::Welcome& hub) const;
  /// The answer to the last question().
  void fill(const proto::RoomHistory::Reply& page);
  /// There is no answer now: other rooms come first, and this one not before `until`.
  void postpone(Time now, Time until);
  /// For how long there has been none.
  [[nodiscard]] Time::duration failing_for(Time now) const;
  /// There is no answer, and never will be: what was asked for is lost.
  void give_up();

  /// The oldest event that wasn't taken yet.
  std::optional<Incoming> take_event();

 private:
  struct Room {
    RoomName name;
    Seq next;  ///< to be handed out next
    Seq head;  ///< behind the newest that the ring has told of; where it is more than `next`, the room is behind
    RoomLife life = {};
    bool durable = false;
    Seq before = {};  ///< the end of the page to ask for; zero: not known yet
    HistoryWindow window = {};
    Time retry_at = {};       ///< not asked for before
    Time failing_since = {};  ///< zero: it isn't
  };

  bool on_welcome(std::string_view payload);
  bool on_delivery(std::string_view payload);
  bool on_attached(std::string_view payload);
  bool on_lost(std::string_view payload);
  bool on_event(std::string_view payload);
  [[nodiscard]] bool wanted(const RoomName& room) const;
  [[nodiscard]] Room* find(RoomId id) const;
  Room* known(const RoomName& name, RoomId id);
  bool rename(Room& room, const RoomName& to);
  void rename_all(const std::vector<Place>& places);
  void forget(const RoomName& name);
  Room& add(Room room);
  void tell(const Room& room, Seq last);
  void reset(Room& room, Seq next, Seq last);
  void see(Room& room, Seq head);
  void lose(Room& room, Seq last);
  bool hand_out(Room& room, const proto::RoomHistory::Reply& page);

  std::vector<Pattern> patterns_;
  Seq from_;
  std::string hop_;
  bool begun_ = false;
  std::map<RoomName, std::unique_ptr<Room>> rooms_;
  std::unordered_map<RoomId, Room*> by_id_;  ///< of this seat, or while one begins of the last
  std::optional<proto::Welcome> hub_;        ///< as the ring last told
  std::deque<Room*> behind_;
  std::deque<Incoming> events_;
};

}  // namespace hubbub::link
