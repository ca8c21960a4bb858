// What of a hub outlives it, as values: what is written, and what is read back at the start.
//   Room --Batch--> ┐
//                   ├--> one transaction --> the database --Kept--> Directory, Rooms of the next run
//   Directory --Changes--> ┘
// A Batch holds the messages, who published them and the replies that they are the effect of; one transaction keeps all
// of it or nothing (DESIGN, section 7). Pure.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "proto/ids.hpp"
#include "proto/marks.hpp"
#include "proto/status.hpp"
#include "proto/text.hpp"
#include "server/fanout/chunk.hpp"

namespace hubbub::server {

// ── what is written ──────────────────────────────────────────────────────────────────────────────────────────────────

/// Publishes of one producer that lie side by side: ids `first`, `first` + 1 … at the seqs `at`, `at` + 1 …
struct PublishRun {
  ClientId producer;
  std::uint64_t epoch = 0;
  PublishId first;
  Seq at;
  std::vector<std::uint64_t> hashes;  ///< of each publish (see hash_of in producers.hpp); how many there are
  bool operator==(const PublishRun&) const = default;
};

/// A call's id, and what it asks: see question_of(). The same id with another question is another call.
struct AskedCall {
  CallId id;
  std::uint64_t question = 0;
};

/// The reply of a call, kept in the transaction of its effect, so that the call sent again changes nothing again.
struct KeptReply {
  ClientId client;
  CallId call;
  Status status = Status::ok;
  std::string result;
  std::uint64_t question = 0;
  bool operator==(const KeptReply&) const = default;
};

/// What a message's marks cause (proto/marks.hpp).
struct Marked {
  Seq seq;
  WallTime due = {};     ///< it expires; zero: never
  std::string key = {};  ///< it replaces the last one with that key; empty: none
  proto::Amends amends = proto::Amends::nothing;
  Seq target = {};
  bool undo = false;
};

/// The next messages of a room.
struct Batch {
  Slice frames;                    ///< whole Delivery frames, as every subscriber gets them
  WallTime first_time;             ///< of the first of them; times of a room never go back
  WallTime last_time;              ///< of the last of them
  bool fsync = false;              ///< committed only once it would survive a loss of power
  std::vector<PublishRun> runs;    ///< in the order of seqs; of publishes with an id only
  std::vector<KeptReply> replies;  ///< of the calls that posted some of these messages
  std::vector<Marked> marks;       ///< in the order of seqs; of messages that have any
  std::optional<Slice> retained;   ///< the room retains this frame (a Retained) from now on; no chunk: nothing more
  std::vector<LaterId> later;      ///< what some of these messages were until now: they are there no more
};

/// What proves that two sessions are one person: a secret, or the uid.
using Owner = std::variant<OwnerKey, unsigned>;

struct RoomMade {
  RoomId id;
  std::string key;
};
/// A kept person made it.
struct RoomOwned {
  RoomId room;
  std::string person;
};
struct TopicSet {
  RoomId room;
  std::string topic;
  std::string by;
  WallTime at;
};
/// A person of that name is from now on this one. Where there was another, everything of theirs is forgotten.
struct PersonMade {
  std::string name;
  Owner owner;
  bool verified = false;
};
struct PersonRenamed {
  std::string from;
  std::string to;
};
/// With their memberships and cursors.
struct PersonForgotten {
  std::string name;
};
struct MemberAdded {
  RoomId room;
  std::string person;
};
struct MemberRemoved {
  RoomId room;
  std::string person;
};
struct CursorMoved {
  RoomId room;
  std::string person;
  std::string consumer;  ///< empty: the person's own
  Seq seq;
  WallTime at;
};
struct CursorForgotten {
  RoomId room;
  std::string person;
  std::string consumer;
};
/// `client` is a producer of that owner's, and this is its epoch from now on.
struct ProducerRegistered {
  ClientId client;
  Owner owner;
  std::uint64_t epoch = 0;
};
/// The hub knows as many as it may, and that one registered longest ago.
struct ProducerForgotten {
  ClientId client;
  std::uint64_t epoch = 0;  ///< the latest of all that were forgotten so far
};
/// Is to be posted at that time.
struct LaterAdded {
  LaterId id;
  WallTime at;
  std::string room;  ///< its key
  Owner owner;
  std::string from;  ///< whom the message will be from, whatever becomes of that person
  bool verified = false;
  std::uint8_t kind = 0, flags = 0;
  std::string headers;  ///< as on the wire, without their leading size
  std::string body;
  std::size_t body_bytes = 0;  ///< of all of it, where `body` was cut; else nothing reads it
};
/// It is there no more: it was cancelled, or posted where nothing is kept.
struct LaterRemoved {
  LaterId id;
};

/// A call of a service that is to take effect exactly once. It is open until it is answered.
struct CallGiven {
  ClientId client;
  CallId call;
  std::uint64_t question = 0;  ///< see question_of()
  MethodName method;
  PersonName person;
  bool verified = false;
  std::string arguments;
  WallTime at;
};
/// The first answer of an open call, for ever.
struct CallAnswered {
  ClientId client;
  CallId call;
  Status status = Status::ok;
  std::string result;
};
/// How far a queue group that acknowledges is; it was made by that, if it is new. `state` as AckedGroup::state() says
/// it.
struct GroupMoved {
  RoomId room;
  std::string name;
  Seq next;
  std::string state;
};
struct GroupForgotten {
  RoomId room;
  std::string name;
};

using Change = std::variant<RoomMade, RoomOwned, TopicSet, PersonMade, PersonRenamed, PersonForgotten, MemberAdded,
                            MemberRemoved, CursorMoved, CursorForgotten, ProducerRegistered, ProducerForgotten,
                            CallGiven, CallAnswered, GroupMoved, GroupForgotten, LaterAdded, LaterRemoved>;

/// What one call changes, in order, and its reply.
struct Changes {
  std::vector<Change> list;
  std::optional<KeptReply> reply;
};

using Record = std::variant<Batch, Changes>;

// ── what is read back ────────────────────────────────────────────────────────────────────────────────────────────────

/// What a room knows of one producer.
struct KeptProducer {
  struct Taken {
    Seq seq;
    std::uint64_t hash = 0;
    bool operator==(const Taken&) const = default;
  };
  ClientId client;
  std::uint64_t epoch = 0;
  PublishId last;             ///< the newest id that was taken
  std::vector<Taken> recent;  ///< of the newest ids, `last` being the last of them
  bool operator==(const KeptProducer&) const = default;
};

/// A queue group that acknowledges; as in GroupMoved.
struct KeptGroup {
  std::string name;
  Seq next;
  std::string state;
};

struct KeptRoom {
  RoomId id;
  std::string key;
  Seq last = {};         ///< the newest message; zero: there was none
  Seq first_kept = {1};  ///< the oldest that is still there; last + 1: none is
  WallTime time = {};    ///< of the newest message
  std::string topic = {}, topic_by = {};
  WallTime topic_at = {};
  std::string retained = {};                 ///< a whole Retained frame; empty: none
  std::vector<std::string> members = {};     ///< by name
  std::vector<KeptProducer> producers = {};  ///< the one that published longest ago first
  std::string owner = {};                    ///< see RoomOwned; empty: nobody that is kept
  std::vector<KeptGroup> groups = {};        ///< by name
};

struct KeptPerson {
  std::string name;
  Owner owner;
  bool verified = false;
};

struct KeptRegistration {
  ClientId client;
  Owner owner;
  std::uint64_t epoch = 0;
};

/// What an exactly-once call was answered with.
struct KeptAnswer {
  std::uint64_t question = 0;
  Status status = Status::ok;
  std::string result;
};

/// Of what is to be posted later.
struct KeptLater {
  LaterId last;                   ///< that was ever given out
  std::optional<WallTime> first;  ///< when the first of them is due
  std::vector<std::pair<Owner, std::size_t>> count;
};

/// Everything but the messages, and what is only looked up.
struct Kept {
  StoreId store;
  std::vector<KeptRoom> rooms;  ///< by id
  std::vector<KeptPerson> people;
  std::vector<CursorMoved> cursors;
  std::vector<KeptRegistration> registrations;  ///< the one that was made longest ago first
  std::uint64_t forgotten_epoch = 0;            ///< as ProducerForgotten::epoch
  std::vector<KeptReply> replies;               ///< the oldest first
  std::vector<CallGiven> open_calls;            ///< the oldest first
  KeptLater later;
};

}  // namespace hubbub::server
