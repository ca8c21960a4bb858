// The hub's methods about how far somebody has read: one cursor for each person, or durable consumer of a person, and
// room.
#pragma once

#include "proto/methods/rooms.hpp"

namespace hubbub::proto {

/// Everything up to and with `seq` is read. Never moves back unless `back`. The reply comes once it is kept: in a
/// durable room it outlives the hub. The person's other sessions that receive the room with events are told by
/// Event::read.
struct CursorSet {
  static constexpr std::string_view name = "cursor.set";
  static constexpr std::string_view help = "say how far you, or a durable consumer of yours, have read a room";
  static constexpr bool changes = true;
  RoomName room;
  ConsumerName consumer;
  Seq seq;            ///< beyond the newest: up to that
  bool back = false;  ///< may move back
  template <class Archive>
  void serialize(Archive& ar) {
    ar(CEREAL_NVP(room), CEREAL_NVP(consumer), CEREAL_NVP(seq), CEREAL_NVP(back));
  }
  struct Reply {
    Seq seq;  ///< where it is now
    template <class Archive>
    void serialize(Archive& ar) {
      ar(CEREAL_NVP(seq));
    }
  };
};

struct CursorInfo {
  RoomName room;
  Seq seq;
  Seq last;  ///< of the room
  template <class Archive>
  void serialize(Archive& ar) {
    ar(CEREAL_NVP(room), CEREAL_NVP(seq), CEREAL_NVP(last));
  }
};

struct CursorList {
  static constexpr std::string_view name = "cursor.list";
  static constexpr std::string_view help = "your cursors, or those of a durable consumer of yours, by room";
  static constexpr bool changes = false;
  static constexpr bool large_reply = true;
  ConsumerName consumer;
  Pattern pattern = Pattern::literal(">");  ///< `@*` for direct conversations
  Text after;                               ///< only rooms whose name comes after this one: the next page
  std::uint16_t limit = 1000;
  template <class Archive>
  void serialize(Archive& ar) {
    ar(CEREAL_NVP(consumer), CEREAL_NVP(pattern), CEREAL_NVP(after), CEREAL_NVP(limit));
  }
  struct Reply {
    std::vector<CursorInfo> cursors;
    bool more = false;
    template <class Archive>
    void serialize(Archive& ar) {
      ar(CEREAL_NVP(cursors), CEREAL_NVP(more));
    }
  };
};

/// Forgets a durable consumer of the caller's, in that room.
struct CursorForget {
  static constexpr std::string_view name = "cursor.forget";
  static constexpr std::string_view help = "forget a durable consumer of yours in a room";
  static constexpr bool changes = true;
  using Reply = Done;
  RoomName room;
  ConsumerName consumer;
  template <class Archive>
  void serialize(Archive& ar) {
    ar(CEREAL_NVP(room), CEREAL_NVP(consumer));
  }
};

struct LagInfo {
  PersonName person;
  ConsumerName consumer;     ///< empty: the person
  Seq seq;                   ///< read up to here
  std::uint64_t behind = 0;  ///< messages
  WallTime moved_at;         ///< when the cursor last moved
  bool online = false;       ///< the person has a session
  template <class Archive>
  void serialize(Archive& ar) {
    ar(CEREAL_NVP(person), CEREAL_NVP(consumer), CEREAL_NVP(seq), CEREAL_NVP(behind), CEREAL_NVP(moved_at),
       CEREAL_NVP(online));
  }
};

struct RoomLag {
  static constexpr std::string_view name = "room.lag";
  static constexpr std::string_view help = "who reads a room, and how far behind each is; the furthest first";
  static constexpr bool changes = false;
  static constexpr bool large_reply = true;
  RoomName room;
  template <class Archive>
  void serialize(Archive& ar) {
    ar(CEREAL_NVP(room));
  }
  struct Reply {
    Seq first;  ///< the oldest message that the room still has
    Seq last;
    std::vector<LagInfo> readers;  ///< at most list_items_max
    template <class Archive>
    void serialize(Archive& ar) {
      ar(CEREAL_NVP(first), CEREAL_NVP(last), CEREAL_NVP(readers));
    }
  };
};

}  // namespace hubbub::proto
