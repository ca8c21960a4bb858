// The hub's methods about queue groups with acknowledgements. One is made by its first member (RoomSubscribe) and
// stays, with what isn't settled yet, when its last member goes.
#pragma once

#include "proto/methods/rooms.hpp"

namespace hubbub::proto {

struct GroupInfo {
  GroupName name;
  std::uint32_t members = 0;
  Seq next;                   ///< the first message that was never handed out
  std::uint64_t behind = 0;   ///< messages from there to the newest
  std::uint32_t out = 0;      ///< handed out and not settled
  std::uint32_t waiting = 0;  ///< failed, and to be handed out again
  std::uint64_t done = 0;     ///< settled as done in this life of the hub
  std::uint64_t failed = 0;   ///< attempts that failed, in this life of the hub
  std::uint64_t dead = 0;     ///< put to the dead, in this life of the hub
  std::uint16_t attempts_max = 0;
  template <class Archive>
  void serialize(Archive& ar) {
    ar(CEREAL_NVP(name), CEREAL_NVP(members), CEREAL_NVP(next), CEREAL_NVP(behind), CEREAL_NVP(out),
       CEREAL_NVP(waiting), CEREAL_NVP(done), CEREAL_NVP(failed), CEREAL_NVP(dead), CEREAL_NVP(attempts_max));
  }
};

struct GroupList {
  static constexpr std::string_view name = "group.list";
  static constexpr std::string_view help = "the queue groups of a room that acknowledge, and how far they are";
  static constexpr bool changes = false;
  static constexpr bool large_reply = true;
  RoomName room;
  template <class Archive>
  void serialize(Archive& ar) {
    ar(CEREAL_NVP(room));
  }
  struct Reply {
    std::vector<GroupInfo> groups;  ///< by name
    template <class Archive>
    void serialize(Archive& ar) {
      ar(CEREAL_NVP(groups));
    }
  };
};

/// Fails with failed_precondition while it has members.
struct GroupForget {
  static constexpr std::string_view name = "group.forget";
  static constexpr std::string_view help = "forget a queue group, and what it hasn't handled";
  static constexpr bool changes = true;
  using Reply = Done;
  RoomName room;
  GroupName group;
  template <class Archive>
  void serialize(Archive& ar) {
    ar(CEREAL_NVP(room), CEREAL_NVP(group));
  }
};

}  // namespace hubbub::proto
