// The hub's methods about what is posted without its author: at a certain time, or when that one vanishes.
#pragma once

#include "proto/methods/rooms.hpp"

namespace hubbub::proto {

/// Says one thing at a certain time, whatever has become of the caller and the hub meanwhile. Fails with
/// failed_precondition where the hub keeps nothing on a disk.
struct LaterPost {
  static constexpr std::string_view name = "later.post";
  static constexpr std::string_view help = "say one thing in a room at a certain time";
  static constexpr bool changes = true;
  RoomName room;
  WallTime at;  ///< by the hub's clock; past: at once. Zero: see delay_ms
  std::uint64_t delay_ms = 0;
  Kind kind = Kind::text;
  bool retain = false;
  Headers headers;
  Blob body;
  template <class Archive>
  void serialize(Archive& ar) {
    ar(CEREAL_NVP(room), CEREAL_NVP(at), CEREAL_NVP(delay_ms), CEREAL_NVP(kind), CEREAL_NVP(retain),
       CEREAL_NVP(headers), CEREAL_NVP(body));
  }
  struct Reply {
    LaterId id;
    WallTime at;
    template <class Archive>
    void serialize(Archive& ar) {
      ar(CEREAL_NVP(id), CEREAL_NVP(at));
    }
  };
};

struct LaterMessage {
  LaterId id;
  WallTime at;
  RoomName room;
  Kind kind = Kind::text;
  Headers headers;
  Blob body;  ///< its first later_shown_bytes_max bytes
  std::uint32_t body_bytes = 0;
  template <class Archive>
  void serialize(Archive& ar) {
    ar(CEREAL_NVP(id), CEREAL_NVP(at), CEREAL_NVP(room), CEREAL_NVP(kind), CEREAL_NVP(headers), CEREAL_NVP(body),
       CEREAL_NVP(body_bytes));
  }
};

struct LaterList {
  static constexpr std::string_view name = "later.list";
  static constexpr std::string_view help = "what you have said that is still to be posted, the next first";
  static constexpr bool changes = false;
  static constexpr bool large_reply = true;
  WallTime after_at;  ///< only what comes after that one, at that time: how to ask for the next page
  LaterId after;
  std::uint16_t limit = 100;
  template <class Archive>
  void serialize(Archive& ar) {
    ar(CEREAL_NVP(after_at), CEREAL_NVP(after), CEREAL_NVP(limit));
  }
  struct Reply {
    std::vector<LaterMessage> messages;
    bool more = false;
    template <class Archive>
    void serialize(Archive& ar) {
      ar(CEREAL_NVP(messages), CEREAL_NVP(more));
    }
  };
};

/// Fails with not_found where there is none of that id of the caller's: it was posted, or cancelled, already.
struct LaterCancel {
  static constexpr std::string_view name = "later.cancel";
  static constexpr std::string_view help = "don't post what was to be posted later";
  static constexpr bool changes = true;
  using Reply = Done;
  LaterId id;
  template <class Archive>
  void serialize(Archive& ar) {
    ar(CEREAL_NVP(id));
  }
};

/// The last will of the caller's session: posted for it when it ends without a Goodbye. The newest one counts.
struct SessionWill {
  static constexpr std::string_view name = "session.will";
  static constexpr std::string_view help = "leave a message that is posted if you vanish without good-bye";
  static constexpr bool changes = false;  // of the session, not of the hub: after a reconnect it must run again
  using Reply = Done;
  bool leave = true;  ///< false: no will any more; the rest means nothing
  RoomName room;
  Kind kind = Kind::text;
  bool retain = false;
  Headers headers;
  Blob body;
  template <class Archive>
  void serialize(Archive& ar) {
    ar(CEREAL_NVP(leave), CEREAL_NVP(room), CEREAL_NVP(kind), CEREAL_NVP(retain), CEREAL_NVP(headers),
       CEREAL_NVP(body));
  }
};

}  // namespace hubbub::proto
