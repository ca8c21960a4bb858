// The hub's methods about messages that were said already. Edits, reactions and pins are no methods but messages: see
// proto/marks.hpp.
#pragma once

#include "proto/methods/rooms.hpp"

namespace hubbub::proto {

/// Takes a message back: its headers and body are erased wherever the hub has them, and a notice with `redacts` says so
/// in the room. Fails with permission_denied unless the caller said it or owns the room, not_found where the room
/// doesn't have it any more.
struct RoomRedact {
  static constexpr std::string_view name = "room.redact";
  static constexpr std::string_view help = "take back a message of yours, or of others in a room of yours";
  static constexpr bool changes = true;
  RoomName room;
  Seq seq;
  Topic reason;  ///< shown in its place
  template <class Archive>
  void serialize(Archive& ar) {
    ar(CEREAL_NVP(room), CEREAL_NVP(seq), CEREAL_NVP(reason));
  }
  struct Reply {
    Seq notice;  ///< that says so
    template <class Archive>
    void serialize(Archive& ar) {
      ar(CEREAL_NVP(notice));
    }
  };
};

/// The messages that are pinned now, oldest first, and what was said about them.
struct RoomPins {
  static constexpr std::string_view name = "room.pins";
  static constexpr std::string_view help = "the pinned messages of a room";
  static constexpr bool changes = false;
  static constexpr bool large_reply = true;
  using Reply = RoomHistory::Reply;
  RoomName room;
  template <class Archive>
  void serialize(Archive& ar) {
    ar(CEREAL_NVP(room));
  }
};

}  // namespace hubbub::proto
