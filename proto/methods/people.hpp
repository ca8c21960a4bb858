// The hub's methods about people.
#pragma once

#include "proto/methods/rooms.hpp"

namespace hubbub::proto {

struct PeopleWho {
  static constexpr std::string_view name = "people.who";
  static constexpr std::string_view help = "who is on the hub, or how one person is";
  static constexpr bool changes = false;
  static constexpr bool large_reply = true;
  Text person;  ///< empty: everybody who is not offline
  template <class Archive>
  void serialize(Archive& ar) {
    ar(CEREAL_NVP(person));
  }
  struct Reply {
    std::vector<Person> people;  ///< by name; at most list_items_max
    template <class Archive>
    void serialize(Archive& ar) {
      ar(CEREAL_NVP(people));
    }
  };
};

/// With a text: away, for that reason, in every session. Empty: back.
struct PeopleAway {
  static constexpr std::string_view name = "people.away";
  static constexpr std::string_view help = "say that you are away and why; an empty text says you are back";
  static constexpr bool changes = true;
  using Reply = Done;
  AwayText text;
  template <class Archive>
  void serialize(Archive& ar) {
    ar(CEREAL_NVP(text));
  }
};

/// Every session of the caller is called this from now on. Fails with already_exists, or with failed_precondition where
/// the hub knows the true name.
struct PeopleRename {
  static constexpr std::string_view name = "people.rename";
  static constexpr std::string_view help = "take another name";
  static constexpr bool changes = true;
  using Reply = Done;
  PersonName to;
  template <class Archive>
  void serialize(Archive& ar) {
    ar(CEREAL_NVP(to));
  }
};

/// The caller began or stopped typing in a room; others see it for some seconds.
struct PeopleTyping {
  static constexpr std::string_view name = "people.typing";
  static constexpr std::string_view help = "show others in a room that you are typing";
  static constexpr bool changes = false;
  using Reply = Done;
  RoomName room;
  bool on = true;
  template <class Archive>
  void serialize(Archive& ar) {
    ar(CEREAL_NVP(room), CEREAL_NVP(on));
  }
};

}  // namespace hubbub::proto
