// What the user hasn't read: by room, how many messages, and how many of them are meant for the user.
//   join, messages, cursors --> Attention --> counts of each room and their sums --> changed(room)
// Remembers the newest unread messages of a room one by one, so that a cursor that moves counts down exactly; older
// ones only as a number. One's own messages are read; edits, reactions and the like are no messages to read, nor is
// what was erased. Pure.
#pragma once

#include <deque>
#include <functional>
#include <map>

#include "client/link/types.hpp"

namespace hubbub::agent {

class Attention {
 public:
  /// Messages of a room that are remembered one by one.
  static constexpr std::size_t remembered_max = 4096;

  struct Count {
    std::uint64_t unread = 0;
    std::uint64_t mentions = 0;  ///< of them; in a direct conversation all
    Seq last;                    ///< of the room
    bool operator==(const Count&) const = default;
  };
  using Rooms = std::map<RoomName, Count>;

  /// The room is one of the user's from now on: read up to and with `read`, and `next` comes next. What lies between is
  /// unread, and nobody knows what it is.
  void join(const RoomName& room, Seq read, Seq next);
  void leave(const RoomName& room);
  [[nodiscard]] bool has(const RoomName& room) const { return entries_.contains(room); }
  /// A message came; of a room that isn't the user's it means nothing. True if it is unread now.
  bool receive(const link::Message& message, const PersonName& self);
  /// Messages of the room went by unseen.
  void skip(const RoomName& room, Seq last);
  /// The user has read the room up to and with `seq`.
  void read(const RoomName& room, Seq seq);

  [[nodiscard]] const Rooms& rooms() const { return counts_; }
  [[nodiscard]] Count sum() const;  ///< without `last`

 private:
  struct Unread {
    Seq seq;
    bool mention;
  };
  struct Entry {
    Seq read;
    Seq next;
    std::deque<Unread> newest;   ///< by seq
    std::uint64_t mentions = 0;  ///< among them
    std::uint64_t older = 0;     ///< unread ones before `newest`, up to and with `older_last`
    Seq older_last;
    std::uint64_t older_mentions = 0;
  };
  void count(const RoomName& room, const Entry& entry);
  static Unread take_oldest(Entry& entry);
  static void forget_oldest(Entry& entry);

  std::map<RoomName, Entry> entries_;
  Rooms counts_;
};

/// A text or an action that names the user, or is said to the user alone.
bool is_for(const link::Message& message, const PersonName& self);

}  // namespace hubbub::agent
