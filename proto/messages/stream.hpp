// Messages that carry what is said: from a publisher into a room, and from a room to its subscribers.
#pragma once

#include <array>
#include <cereal/cereal.hpp>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "proto/archive.hpp"

namespace hubbub::proto {

enum class Kind : std::uint8_t {
  text = 0,    ///< somebody says it; UTF-8
  action = 1,  ///< somebody does it: "* alice waves"; UTF-8
  notice = 2,  ///< a program or the hub tells it, and nobody answers automatically; UTF-8
  data = 3,    ///< any bytes, for programs
};
inline constexpr std::array<std::string_view, 4> kind_names = {"text", "action", "notice", "data"};
constexpr std::span<const std::string_view> names_of(Kind) { return kind_names; }

/// Bits of Publish::flags and Delivery::flags.
namespace flags {
inline constexpr std::uint8_t retain = 1;    ///< the room keeps this one for those who ask for its last value
inline constexpr std::uint8_t verified = 2;  ///< the sender's name is known to be true (Delivery only)
inline constexpr std::uint8_t traced = 4;    ///< whoever passes it on notes when (see RoomTrace)
inline constexpr std::uint8_t marked = 8;    ///< its headers mean something to the hub: see proto/marks.hpp
inline constexpr std::uint8_t by_hub = 16;   ///< the hub vouches for what its headers say (Delivery only)
inline constexpr std::uint8_t erased =
    32;  ///< what was said is gone: no headers, and the body is blank (Delivery only)
}  // namespace flags

/// What else is known of a message. Keys: 1 to 64 bytes of [a-z0-9_-].
struct Header {
  std::string key;
  std::string value;
  bool operator==(const Header&) const = default;
};

/// On the wire: u16 size of all that follows, then per header u8 size, key, u16 size, value.
/// At most 32 headers and 8192 bytes. Not decoded on the way through the hub: checked once, passed on as bytes.
struct Headers {
  std::vector<Header> list;
  bool operator==(const Headers&) const = default;
};

/// Client → hub: say this in that room (its id is from room.open or an Attached). Answered by Published or
/// PublishRefused, unless the id is zero.
struct Publish {
  static constexpr std::uint8_t type = 0x10;
  RoomId room;
  PublishId id;
  std::uint8_t flags = 0;
  Kind kind = Kind::text;
  Headers headers;
  Rest body;

  template <class Archive>
  void serialize(Archive& ar) {
    ar(CEREAL_NVP(room), CEREAL_NVP(id), CEREAL_NVP(flags), CEREAL_NVP(kind), CEREAL_NVP(headers), CEREAL_NVP(body));
  }
};

/// Hub → client: every publish of this client to `room` up to and with `id` is in the room; that one as `seq`.
struct Published {
  static constexpr std::uint8_t type = 0x50;
  RoomId room;
  PublishId id;
  Seq seq;

  template <class Archive>
  void serialize(Archive& ar) {
    ar(CEREAL_NVP(room), CEREAL_NVP(id), CEREAL_NVP(seq));
  }
};

/// Why a publish with an id was refused, where its client has to do something about it.
enum class Refusal : std::uint8_t {
  other = 0,             ///< see the status
  gap = 1,               ///< ids were skipped: go on from `expected`
  conflict = 2,          ///< this id was taken already, with another content: two producers share one client id
  fenced = 3,            ///< this client id was registered again, elsewhere, and is that one's now
  unknown_producer = 4,  ///< the room knows nothing (any more) of this client, so it can't have had the ids before
  unknown_outcome = 5,   ///< whether it was kept is not known: say it again, under the same id
};
inline constexpr std::array<std::string_view, 6> refusal_names = {
    "other", "gap", "conflict", "fenced", "unknown_producer", "unknown_outcome"};
constexpr std::span<const std::string_view> names_of(Refusal) { return refusal_names; }

/// Hub → client: `id` was not taken, nor anything after it until `expected` comes (again). One refusal answers the
/// whole burst behind it. With id zero: publishes without an id were dropped.
struct PublishRefused {
  static constexpr std::uint8_t type = 0x51;
  RoomId room;
  PublishId id;
  PublishId expected;
  Status status = Status::unknown;
  Text sentence;
  Refusal why = Refusal::other;

  template <class Archive>
  void serialize(Archive& ar) {
    ar(CEREAL_NVP(room), CEREAL_NVP(id), CEREAL_NVP(expected), CEREAL_NVP(status), CEREAL_NVP(sentence),
       CEREAL_NVP(why));
  }
};

/// Hub → client: one message of a room. The frame is the same, byte for byte, for every subscriber.
struct Delivery {
  static constexpr std::uint8_t type = 0x52;
  RoomId room;
  Seq seq;
  WallTime time;
  std::uint8_t flags = 0;
  Kind kind = Kind::text;
  PersonName from;
  Headers headers;
  Rest body;

  template <class Archive>
  void serialize(Archive& ar) {
    ar(CEREAL_NVP(room), CEREAL_NVP(seq), CEREAL_NVP(time), CEREAL_NVP(flags), CEREAL_NVP(kind), CEREAL_NVP(from),
       CEREAL_NVP(headers), CEREAL_NVP(body));
  }
};

/// Hub → client: from now on messages of `room` come, first `next`, each once and in order. Before any of them.
struct Attached {
  static constexpr std::uint8_t type = 0x53;
  RoomId room;
  RoomName name;    ///< as this client knows it: the direct room with alice is `@alice`
  GroupName group;  ///< empty, or the queue group: then only some messages come, in any order
  Seq next;
  Seq last;              ///< the newest message when this was sent; zero in an empty room
  bool durable = false;  ///< its messages outlive the hub

  template <class Archive>
  void serialize(Archive& ar) {
    ar(CEREAL_NVP(room), CEREAL_NVP(name), CEREAL_NVP(group), CEREAL_NVP(next), CEREAL_NVP(last), CEREAL_NVP(durable));
  }
};

/// Hub → client: no more messages of `room` come.
struct Detached {
  static constexpr std::uint8_t type = 0x54;
  RoomId room;

  template <class Archive>
  void serialize(Archive& ar) {
    ar(CEREAL_NVP(room));
  }
};

/// Hub → client, in the stream of `room`: messages `first` to `last` are gone for this reader. The next one is last
/// + 1.
struct Lost {
  static constexpr std::uint8_t type = 0x55;
  RoomId room;
  Seq first;
  Seq last;

  template <class Archive>
  void serialize(Archive& ar) {
    ar(CEREAL_NVP(room), CEREAL_NVP(first), CEREAL_NVP(last));
  }
};

/// Hub → client: the retained message of a room, for a subscriber that asked for it. `delivery` is a Delivery's
/// payload.
struct Retained {
  static constexpr std::uint8_t type = 0x56;
  Rest delivery;

  template <class Archive>
  void serialize(Archive& ar) {
    ar(CEREAL_NVP(delivery));
  }
};

/// Hub → client, in a queue group with acknowledgements: handle this one, and answer with a Settle. `delivery` is a
/// Delivery's payload.
struct Handed {
  static constexpr std::uint8_t type = 0x57;
  std::uint16_t attempt = 1;       ///< 2 and up: it was handed out before, to this member or another
  std::uint16_t attempts_max = 0;  ///< with this attempt, or a later one, it goes to the dead; zero: never
  Rest delivery;

  template <class Archive>
  void serialize(Archive& ar) {
    ar(CEREAL_NVP(attempt), CEREAL_NVP(attempts_max), CEREAL_NVP(delivery));
  }
};

/// What became of a message that was handed to a member of a queue group.
enum class Verdict : std::uint8_t {
  done = 0,   ///< it is handled
  again = 1,  ///< it failed: hand it out again, after the group's backoff, or put it to the dead after so many attempts
  dead = 2,   ///< it can't be handled: put it to the dead at once
  back = 3,   ///< it was not begun: hand it to another, and count no attempt
};
inline constexpr std::array<std::string_view, 4> verdict_names = {"done", "again", "dead", "back"};
constexpr std::span<const std::string_view> names_of(Verdict) { return verdict_names; }

/// Client → hub: what became of a Handed. One that isn't this session's (any more) is dropped.
struct Settle {
  static constexpr std::uint8_t type = 0x11;
  RoomId room;
  Seq seq;
  Verdict verdict = Verdict::done;
  Text reason;  ///< why it failed: "exit code 3"
  Text detail;  ///< the last of what the handler wrote to stderr

  template <class Archive>
  void serialize(Archive& ar) {
    ar(CEREAL_NVP(room), CEREAL_NVP(seq), CEREAL_NVP(verdict), CEREAL_NVP(reason), CEREAL_NVP(detail));
  }
};

void CEREAL_SAVE_FUNCTION_NAME(WireOutput& archive, const Headers& headers);
void CEREAL_LOAD_FUNCTION_NAME(WireInput& archive, Headers& headers);

/// 1 to 64 bytes of [a-z0-9_-].
bool is_header_key(std::string_view key);

/// Calls `each(key, value)` for every header of `bytes`, which have no leading size. False if they are not headers
/// within the limits; then some may have been told.
template <class Each>
bool walk_headers(std::string_view bytes, const Each& each) {
  if (bytes.size() > limits::headers_bytes_max) return false;
  WireInput in(bytes);
  std::size_t count = 0;
  while (in.left() > 0 && !in.failed()) {
    const auto key = in.bytes(in.scalar<std::uint8_t>());
    const auto value = in.bytes(in.scalar<std::uint16_t>());
    if (in.failed() || ++count > limits::headers_max || !is_header_key(key) || !is_utf8(value)) return false;
    each(key, value);
  }
  return !in.failed();
}

/// True if `bytes` are well-formed headers without their leading size. What the hub checks instead of decoding.
bool are_headers(std::string_view bytes);

/// A message as a client would send it is within every limit; otherwise the sentence to show.
Result<void> check_outgoing(Kind kind, const Headers& headers, std::string_view body);

}  // namespace hubbub::proto
