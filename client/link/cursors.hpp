// How far each room was received: what makes a stream that is cut and resumed look like one that never was.
//   Attached, Delivery, Lost, Detached --> Cursors --> deliver | drop a duplicate | tell a gap first
// By name for as long as the Link lives; by the hub's room id only for one connection. Pure.
#pragma once

#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "client/link/types.hpp"

namespace hubbub::link {

class Cursors {
 public:
  /// A room of this connection.
  struct Room {
    RoomName name;
    GroupName group;  ///< if any: seqs have holes by design, and what was missed went to others
    Seq next;         ///< the message to deliver next; of a group, behind the newest that was given to us
    bool durable = false;
  };

  struct Step {
    const Room* room =
        nullptr;             ///< null: drop it, it is a duplicate or of no attached room. Valid until the next change
    std::optional<Gap> gap;  ///< to be told before the message
  };

  /// A room begins, or goes on after a reconnect. Returns what can't be had any more in between.
  std::optional<Gap> attach(const proto::Attached& attached);
  /// A message came. Moves the cursor on.
  Step deliver(RoomId id, Seq seq);
  /// The hub has lost messages. Returns the part of them that was not delivered before.
  std::optional<Gap> lose(const proto::Lost& lost);
  /// Somebody has another name now, and so has the direct conversation with them.
  void rename(const RoomName& from, const RoomName& to);
  /// No more of this room will come: it is forgotten.
  void detach(RoomId id);

  [[nodiscard]] const Room* find(RoomId id) const;

  /// The connection was lost: ids mean nothing from now on, cursors stay.
  void disconnected();
  /// The hub was restarted with other data, or none: its rooms begin again at 1.
  void forget();
  /// It was restarted with the same data: those that lived in its memory do.
  void forget_transient();

  struct Known {
    RoomName name;
    Seq next;
    GroupName group = {};
    bool durable = false;
    bool of_other_life = false;  ///< the hub was restarted since
  };
  /// The rooms to resume, by name.
  [[nodiscard]] std::vector<Known> known() const;

 private:
  /// Moves `room` on to `next`; if that skips messages, returns them.
  std::optional<Gap> skip_to(Room& room, Seq next);

  std::unordered_map<RoomId, Room> attached_;
  std::unordered_map<RoomName, Known> kept_;  ///< of the connection before, until attached again
};

}  // namespace hubbub::link
