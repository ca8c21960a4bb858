// What this client wants to receive, and how to ask for it again after a reconnect.
//   subscribe, unsubscribe --> Subscriptions + Cursors --> the room.subscribe calls of a new connection
// Pure.
#pragma once

#include <set>
#include <vector>

#include "client/link/cursors.hpp"
#include "client/link/types.hpp"

namespace hubbub::link {

/// What it says about acknowledgements.
void add_acks(const Subscription& subscription, proto::RoomSubscribe& call);

class Subscriptions {
 public:
  /// In force from now on. One for the same pattern takes the place of the other.
  void add(Subscription subscription);
  /// Gives back the rooms that were resumed by name on behalf of this pattern and that no other wants: the hub has to
  /// be told to stop each of them.
  std::vector<RoomName> remove(const Pattern& pattern);

  /// The calls that make a new connection go on where the last one ended, in the order in which they have to be sent:
  /// first each known room by its name from its cursor, then the patterns, each room from 1 that is new since then.
  /// (The hub gives a session a room once, by the first subscription that matches.) Where the hub has a new life,
  /// `known` is empty and every room is read from its beginning. For a queue group the hub heeds the place only if none
  /// of the group is left; else what was said in between went to the others.
  std::vector<proto::RoomSubscribe> resume(const std::vector<Cursors::Known>& known);

  /// Somebody asked for exactly this pattern: it is not only there to resume a room.
  [[nodiscard]] bool contains(const Pattern& pattern) const;

 private:
  [[nodiscard]] bool wanted(const RoomName& room) const;
  [[nodiscard]] bool wants_events(const RoomName& room) const;

  std::vector<Subscription> all_;  ///< in the order in which they were made
  std::set<RoomName> resumed_;     ///< by name, without being asked for by that name
};

}  // namespace hubbub::link
