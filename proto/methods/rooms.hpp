// The hub's methods about rooms. A method is a struct of its arguments with its name and its Reply.
//   changes      true: it changes something, so a repeated call id gets the stored reply
//   large_reply  its reply may be as large as a frame: a hub answers only a few of these at once for each session
// The field names are what `hubbub call` takes as k=v and prints as JSON.
#pragma once

#include <cereal/cereal.hpp>
#include <cstdint>
#include <string>
#include <vector>

#include "proto/archive.hpp"
#include "proto/messages/presence.hpp"
#include "proto/messages/stream.hpp"

namespace hubbub::proto {

/// The reply of a method that has nothing to say but "done".
struct Done {
  template <class Archive>
  void serialize(Archive&) {}
};

/// Gives a room's id, as Publish wants it; makes the room if there is none.
struct RoomOpen {
  static constexpr std::string_view name = "room.open";
  static constexpr std::string_view help = "the id of a room, made if there is none";
  static constexpr bool changes = false;
  RoomName room;
  template <class Archive>
  void serialize(Archive& ar) {
    ar(CEREAL_NVP(room));
  }
  struct Reply {
    RoomId id;
    Seq last;
    bool durable = false;  ///< its messages, and who published them, outlive the hub
    template <class Archive>
    void serialize(Archive& ar) {
      ar(CEREAL_NVP(id), CEREAL_NVP(last), CEREAL_NVP(durable));
    }
  };
};

/// Makes the caller a member: shown in the room and remembered there. Subscribing is another matter.
struct RoomJoin {
  static constexpr std::string_view name = "room.join";
  static constexpr std::string_view help = "become a member of a room";
  static constexpr bool changes = true;
  RoomName room;
  template <class Archive>
  void serialize(Archive& ar) {
    ar(CEREAL_NVP(room));
  }
  struct Reply {
    RoomId id;
    Topic topic;
    Seq last;
    Seq read;  ///< the caller's cursor: what comes behind it is unread; zero: nothing was read yet
    template <class Archive>
    void serialize(Archive& ar) {
      ar(CEREAL_NVP(id), CEREAL_NVP(topic), CEREAL_NVP(last), CEREAL_NVP(read));
    }
  };
};

/// Ends the membership and every subscription of the caller's session to exactly this room.
struct RoomLeave {
  static constexpr std::string_view name = "room.leave";
  static constexpr std::string_view help = "stop being a member of a room";
  static constexpr bool changes = true;
  using Reply = Done;
  RoomName room;
  template <class Archive>
  void serialize(Archive& ar) {
    ar(CEREAL_NVP(room));
  }
};

/// Says one thing, as Publish does, for those who'd rather call than stream. `body` is text; kind `data` needs Publish.
struct RoomPost {
  static constexpr std::string_view name = "room.post";
  static constexpr std::string_view help = "say one thing in a room";
  static constexpr bool changes = true;
  RoomName room;
  Kind kind = Kind::text;
  bool retain = false;
  Headers headers;
  Blob body;
  template <class Archive>
  void serialize(Archive& ar) {
    ar(CEREAL_NVP(room), CEREAL_NVP(kind), CEREAL_NVP(retain), CEREAL_NVP(headers), CEREAL_NVP(body));
  }
  struct Reply {
    Seq seq;
    WallTime time;
    template <class Archive>
    void serialize(Archive& ar) {
      ar(CEREAL_NVP(seq), CEREAL_NVP(time));
    }
  };
};

/// Where a subscription begins.
enum class From : std::uint8_t {
  now = 0,     ///< what is said from now on
  seq = 1,     ///< message `seq` of each room, if it is still there; Lost says what isn't
  last = 2,    ///< the retained message (as Retained) or, where nothing is retained, the newest; then from now on
  time = 3,    ///< the first message of `since` or later
  cursor = 4,  ///< behind the cursor of `consumer`; in rooms where it has none, message `seq` or, with zero, now
};
inline constexpr std::array<std::string_view, 5> from_names = {"now", "seq", "last", "time", "cursor"};
constexpr std::span<const std::string_view> names_of(From) { return from_names; }

/// Every room that matches, now or later, is attached to this session: an Attached for each comes before the reply for
/// those that exist. A session receives a room at most once, however many of its patterns match.
struct RoomSubscribe {
  static constexpr std::string_view name = "room.subscribe";
  static constexpr std::string_view help = "receive the messages of all rooms that match a pattern";
  static constexpr bool changes = false;  // of the session, not of the hub: after a reconnect it must run again
  Pattern pattern;
  From from = From::now;
  Seq seq;                     ///< with From::seq and From::cursor
  GroupName group;             ///< empty: all messages; else a queue group, of which each message reaches one member
  bool events = false;         ///< also Event messages of these rooms
  WallTime since = {};         ///< with From::time
  ConsumerName consumer = {};  ///< with From::cursor: whose; empty: the caller's own
  /// Only with a group: how many messages this member handles at a time, each of which comes as Handed and is settled.
  /// Zero: a group without acknowledgements. A group is one or the other.
  std::uint16_t at_once = 0;
  std::uint16_t attempts_max = 0;    ///< with at_once: after so many a message goes to the dead; zero: never
  std::uint32_t backoff_ms = 0;      ///< with at_once: before the second attempt; doubles with each, up to …
  std::uint32_t backoff_ms_max = 0;  ///< … this
  template <class Archive>
  void serialize(Archive& ar) {
    ar(CEREAL_NVP(pattern), CEREAL_NVP(from), CEREAL_NVP(seq), CEREAL_NVP(group), CEREAL_NVP(events), CEREAL_NVP(since),
       CEREAL_NVP(consumer), CEREAL_NVP(at_once), CEREAL_NVP(attempts_max), CEREAL_NVP(backoff_ms),
       CEREAL_NVP(backoff_ms_max));
  }
  struct Reply {
    std::uint32_t rooms = 0;  ///< how many matched now
    template <class Archive>
    void serialize(Archive& ar) {
      ar(CEREAL_NVP(rooms));
    }
  };
};

struct RoomUnsubscribe {
  static constexpr std::string_view name = "room.unsubscribe";
  static constexpr std::string_view help = "stop receiving the rooms of a pattern";
  static constexpr bool changes = false;
  using Reply = Done;
  Pattern pattern;
  template <class Archive>
  void serialize(Archive& ar) {
    ar(CEREAL_NVP(pattern));
  }
};

/// A page of what was said, oldest first, ending right before `before`.
struct RoomHistory {
  static constexpr std::string_view name = "room.history";
  static constexpr std::string_view help = "a page of what was said in a room";
  static constexpr bool changes = false;
  static constexpr bool large_reply = true;
  RoomName room;
  Seq before;                 ///< zero: up to the newest
  std::uint16_t limit = 100;  ///< at most 512; fewer come where they'd not fit into a frame
  template <class Archive>
  void serialize(Archive& ar) {
    ar(CEREAL_NVP(room), CEREAL_NVP(before), CEREAL_NVP(limit));
  }
  struct Reply {
    Seq first;                   ///< the oldest message that the room still has; zero in an empty room
    Seq last;                    ///< the newest
    std::vector<Blob> messages;  ///< each the payload of a Delivery
    /// What was said later about these messages (see proto/marks.hpp), oldest first; the newest of it where it would be
    /// too much for a frame.
    std::vector<Blob> amendments;
    template <class Archive>
    void serialize(Archive& ar) {
      ar(CEREAL_NVP(first), CEREAL_NVP(last), CEREAL_NVP(messages), CEREAL_NVP(amendments));
    }
  };
};

/// Waits for the first message after `after`, and gives it.
struct RoomNext {
  static constexpr std::string_view name = "room.next";
  static constexpr std::string_view help = "wait for the next message of a room";
  static constexpr bool changes = false;
  RoomName room;
  Seq after;  ///< zero: after the newest
  template <class Archive>
  void serialize(Archive& ar) {
    ar(CEREAL_NVP(room), CEREAL_NVP(after));
  }
  struct Reply {
    Blob message;  ///< the payload of a Delivery
    template <class Archive>
    void serialize(Archive& ar) {
      ar(CEREAL_NVP(message));
    }
  };
};

/// What a message had to pass before it counted as said.
enum class Durability : std::uint8_t {
  memory = 0,  ///< nothing: a transient room
  commit = 1,  ///< a transaction, which survives the hub's death
  fsync = 2,   ///< the same, and a disk that survives a loss of power
};
inline constexpr std::array<std::string_view, 3> durability_names = {"memory", "commit", "fsync"};
constexpr std::span<const std::string_view> names_of(Durability) { return durability_names; }

/// When a message that was published with the flag `traced` passed the parts of the hub, by the hub's clock. A hub
/// remembers the newest 256 of each core, and none over a restart. Fails with not_found for others.
struct RoomTrace {
  static constexpr std::string_view name = "room.trace";
  static constexpr std::string_view help = "when a traced message passed each part of the hub";
  static constexpr bool changes = false;
  RoomName room;
  Seq seq;
  template <class Archive>
  void serialize(Archive& ar) {
    ar(CEREAL_NVP(room), CEREAL_NVP(seq));
  }
  struct Reply {
    bool local = false;             ///< it came by a UNIX socket
    std::uint32_t reader_core = 0;  ///< which read it
    std::uint32_t home_core = 0;    ///< which numbered it
    Durability durability = Durability::memory;
    WallTime read;
    WallTime numbered;
    WallTime logged;     ///< given to the log
    WallTime committed;  ///< the home core heard so from the log
    WallTime fanned_out;
    std::uint32_t readers = 0;  ///< sessions that it was meant for
    template <class Archive>
    void serialize(Archive& ar) {
      ar(CEREAL_NVP(local), CEREAL_NVP(reader_core), CEREAL_NVP(home_core), CEREAL_NVP(durability), CEREAL_NVP(read),
         CEREAL_NVP(numbered), CEREAL_NVP(logged), CEREAL_NVP(committed), CEREAL_NVP(fanned_out), CEREAL_NVP(readers));
    }
  };
};

struct RoomTopic {
  static constexpr std::string_view name = "room.topic";
  static constexpr std::string_view help = "what a room is about, and who said so";
  static constexpr bool changes = false;
  RoomName room;
  template <class Archive>
  void serialize(Archive& ar) {
    ar(CEREAL_NVP(room));
  }
  struct Reply {
    Topic topic;
    Text by;  ///< empty where no topic was ever set
    WallTime at;
    template <class Archive>
    void serialize(Archive& ar) {
      ar(CEREAL_NVP(topic), CEREAL_NVP(by), CEREAL_NVP(at));
    }
  };
};

struct RoomSetTopic {
  static constexpr std::string_view name = "room.set_topic";
  static constexpr std::string_view help = "say what a room is about";
  static constexpr bool changes = true;
  using Reply = Done;
  RoomName room;
  Topic topic;
  template <class Archive>
  void serialize(Archive& ar) {
    ar(CEREAL_NVP(room), CEREAL_NVP(topic));
  }
};

struct RoomMembers {
  static constexpr std::string_view name = "room.members";
  static constexpr std::string_view help = "who has joined a room, and how they are";
  static constexpr bool changes = false;
  static constexpr bool large_reply = true;
  RoomName room;
  template <class Archive>
  void serialize(Archive& ar) {
    ar(CEREAL_NVP(room));
  }
  struct Reply {
    std::vector<Person> members;  ///< by name; at most list_items_max
    template <class Archive>
    void serialize(Archive& ar) {
      ar(CEREAL_NVP(members));
    }
  };
};

struct RoomInfo {
  RoomName name;
  Topic topic;
  Seq last;
  std::uint32_t members = 0;
  std::uint32_t subscribers = 0;  ///< sessions that receive it
  bool joined = false;            ///< the caller is a member
  Seq read;                       ///< the caller's cursor, as in RoomJoin::Reply
  Text owner;                     ///< who made it, and may redact what others say; empty: nobody
  template <class Archive>
  void serialize(Archive& ar) {
    ar(CEREAL_NVP(name), CEREAL_NVP(topic), CEREAL_NVP(last), CEREAL_NVP(members), CEREAL_NVP(subscribers),
       CEREAL_NVP(joined), CEREAL_NVP(read), CEREAL_NVP(owner));
  }
};

struct RoomList {
  static constexpr std::string_view name = "room.list";
  static constexpr std::string_view help = "the rooms that match a pattern, by name";
  static constexpr bool changes = false;
  static constexpr bool large_reply = true;
  Pattern pattern = Pattern::literal(">");
  Text after;  ///< only rooms whose name comes after this one: how to ask for the next page
  std::uint16_t limit = 1000;
  template <class Archive>
  void serialize(Archive& ar) {
    ar(CEREAL_NVP(pattern), CEREAL_NVP(after), CEREAL_NVP(limit));
  }
  struct Reply {
    std::vector<RoomInfo> rooms;
    bool more = false;
    template <class Archive>
    void serialize(Archive& ar) {
      ar(CEREAL_NVP(rooms), CEREAL_NVP(more));
    }
  };
};

}  // namespace hubbub::proto
