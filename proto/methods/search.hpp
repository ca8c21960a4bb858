// The hub's method to find what was said.
#pragma once

#include "proto/methods/rooms.hpp"

namespace hubbub::proto {

struct SearchHit {
  RoomName room;
  Blob message;  ///< the payload of a Delivery
  template <class Archive>
  void serialize(Archive& ar) {
    ar(CEREAL_NVP(room), CEREAL_NVP(message));
  }
};

/// Messages in durable rooms that contain all the words, the newest first. Words as a person types them: `word`,
/// `pre*`, `"a phrase"`, `-without`. Only rooms that the caller may read. A page may end early, even without hits,
/// where the search took long: what counts is `more`.
struct RoomSearch {
  static constexpr std::string_view name = "room.search";
  static constexpr std::string_view help = "find messages by their words";
  static constexpr bool changes = false;
  static constexpr bool large_reply = true;
  Text words;
  Pattern pattern = Pattern::literal(">");  ///< `@*`: the caller's direct conversations; `@alice`: one of them
  Text from;                                ///< only what this person said; empty: anybody
  WallTime since;                           ///< zero: no bound
  WallTime until;                           ///< zero: no bound
  std::uint64_t before = 0;                 ///< `more` of the page before; zero: the first page
  std::uint16_t limit = 50;                 ///< at most 512; fewer come where they'd not fit into a frame
  template <class Archive>
  void serialize(Archive& ar) {
    ar(CEREAL_NVP(words), CEREAL_NVP(pattern), CEREAL_NVP(from), CEREAL_NVP(since), CEREAL_NVP(until),
       CEREAL_NVP(before), CEREAL_NVP(limit));
  }
  struct Reply {
    std::vector<SearchHit> hits;
    std::uint64_t more = 0;       ///< there may be more: ask again with this as `before`; zero: that was all
    std::uint64_t unindexed = 0;  ///< messages that aren't in the index yet, and so can't be found
    template <class Archive>
    void serialize(Archive& ar) {
      ar(CEREAL_NVP(hits), CEREAL_NVP(more), CEREAL_NVP(unindexed));
    }
  };
};

}  // namespace hubbub::proto
