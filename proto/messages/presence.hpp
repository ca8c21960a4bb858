// Who is there and what they are doing. Events have no seq: who was away asks room.members again.
#pragma once

#include <array>
#include <cereal/cereal.hpp>
#include <cstdint>
#include <span>
#include <string_view>

#include "proto/archive.hpp"

namespace hubbub::proto {

enum class Presence : std::uint8_t { offline = 0, online = 1, away = 2 };
inline constexpr std::array<std::string_view, 3> presence_names = {"offline", "online", "away"};
constexpr std::span<const std::string_view> names_of(Presence) { return presence_names; }

/// A member of a room, or a person of the hub.
struct Person {
  PersonName name;
  bool verified = false;
  Presence presence = Presence::offline;
  AwayText away;        ///< why, while away
  WallTime idle_since;  ///< their last sign of life

  template <class Archive>
  void serialize(Archive& ar) {
    ar(CEREAL_NVP(name), CEREAL_NVP(verified), CEREAL_NVP(presence), CEREAL_NVP(away), CEREAL_NVP(idle_since));
  }
  bool operator==(const Person&) const = default;
};

enum class EventKind : std::uint8_t {
  joined = 0,
  left = 1,
  topic = 2,     ///< text: the new topic
  presence = 3,  ///< of somebody in the room: see `person`
  typing = 4,    ///< text: "on" or "off"
  renamed = 5,   ///< text: the name before; person: the one from now on
  read = 6,      ///< only to the person's own sessions: they have read the room up to `seq`
};
inline constexpr std::array<std::string_view, 7> event_kind_names = {"joined", "left",    "topic", "presence",
                                                                     "typing", "renamed", "read"};
constexpr std::span<const std::string_view> names_of(EventKind) { return event_kind_names; }

/// Hub → client that subscribed with `events`: something about a room or its people has changed.
struct Event {
  static constexpr std::uint8_t type = 0x70;
  EventKind kind = EventKind::joined;
  RoomId room;  ///< zero for what concerns a person in every room: presence, renamed
  WallTime time;
  Person person;
  Topic text;
  Seq seq = {};  ///< with read

  template <class Archive>
  void serialize(Archive& ar) {
    ar(CEREAL_NVP(kind), CEREAL_NVP(room), CEREAL_NVP(time), CEREAL_NVP(person), CEREAL_NVP(text), CEREAL_NVP(seq));
  }
};

}  // namespace hubbub::proto
