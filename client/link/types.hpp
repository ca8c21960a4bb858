// What goes into a Link and what comes out of it, as values. Free of Asio.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

#include "proto/messages/presence.hpp"
#include "proto/messages/session.hpp"
#include "proto/messages/stream.hpp"
#include "proto/methods/rooms.hpp"
#include "proto/methods/services.hpp"

namespace hubbub::link {

/// One message, as the library hands it out: owns its bytes.
struct Message {
  RoomName room;
  Seq seq;
  WallTime time;
  PersonName from;
  bool verified = false;  ///< the hub knows that `from` is true
  bool retain = false;    ///< it was said for the room to keep
  bool retained = false;  ///< the room's retained value, given at the start of a subscription; outside of the order
  bool traced = false;    ///< each hop has noted when: see trace.hpp
  bool grouped = false;   ///< this one of a queue group got it; seqs have holes by design
  bool by_hub = false;    ///< the hub vouches for what its headers say
  bool marked = false;    ///< the hub has looked for marks among its headers; else they mean nothing
  bool erased = false;    ///< what was said is gone; the body means nothing
  /// In a queue group with acknowledgements: which time it is handed out, of how many at most (zero: any number). Zero
  /// elsewhere; else it is owed a Link::settle().
  std::uint16_t attempt = 0, attempts_max = 0;
  proto::Kind kind = proto::Kind::text;
  proto::Headers headers;
  std::string body;
};

/// The key of the header that says through which local program an agent was given a message.
inline constexpr std::string_view via_header = "via";
/// Its value, as whoever sent it says; empty where there is none. At most so many bytes: it stands beside a name.
inline constexpr std::size_t via_bytes_max = 64;
inline std::string_view via(const Message& message) {
  for (const auto& [key, value] : message.headers.list)
    if (key == via_header) return std::string_view(value).substr(0, via_bytes_max);
  return {};
}

/// Messages `first` to `last` of a room can't be had any more. The next one is last + 1.
struct Gap {
  RoomName room;
  Seq first;
  Seq last;
};

/// A room began to be received: its next message will be `next`. Also after every reconnect.
struct RoomAttached {
  RoomName room;
  Seq next;
  Seq last;              ///< the newest message at that moment
  bool durable = false;  ///< its messages outlive the hub
};

/// After a reconnect the hub would not go on with this subscription: nothing of it comes for now. The Link asks again
/// from the same place until the hub does; this is told once for each connection.
struct NotResumed {
  Pattern pattern;
  Error why;
};

/// Somebody joined, left, typed, went away, changed a topic or name. `room` is empty for what concerns every room.
struct Presence {
  RoomName room;
  proto::Event event;
};

/// How the connection is.
struct Online {
  proto::Welcome welcome;
  bool resumed = false;    ///< not the first time
  bool new_life = false;   ///< the hub was restarted since: rooms that lived in its memory begin again at 1
  bool same_data = false;  ///< durable rooms go on where they were; false with new_life: they begin again, too
};
struct Offline {
  Error why;
  std::chrono::milliseconds retry_in{0};  ///< the Link tries again by itself after this
};
/// The Link has ended and will not come back. Always the last event.
struct Closed {
  Error why;
};

using Incoming = std::variant<Message, Gap, RoomAttached, NotResumed, Presence, Online, Offline, Closed>;

/// Where a publish ended up.
struct Receipt {
  Seq seq;  ///< zero where the hub acknowledged several at once: then it tells only where the last of them is
};

struct Outgoing {
  RoomName room;
  proto::Kind kind = proto::Kind::text;
  proto::Headers headers;
  bool retain = false;
  bool traced = false;  ///< each hop notes when it passes it on
  std::string body;
};

struct Subscription {
  Pattern pattern;
  proto::From from = proto::From::now;
  Seq seq;          ///< with From::seq, and with From::cursor where there is no cursor yet
  GroupName group;  ///< empty: every message
  bool events = false;
  WallTime since;         ///< with From::time
  ConsumerName consumer;  ///< with From::cursor; empty: one's own
  /// With a group: acknowledgements, as proto::RoomSubscribe has them.
  std::uint16_t at_once = 0, attempts_max = 0;
  std::uint32_t backoff_ms = 0, backoff_ms_max = 0;
};

/// Which providers are to answer a call of a service, and how often it takes effect.
struct ServiceWish {
  bool all = false;
  proto::Once once = proto::Once::at_most;
};

struct CallOptions {
  std::chrono::milliseconds timeout{10000};  ///< zero: none. Carried to the hub as the call's deadline.
  /// Of this call and no other of Options::client: said again, also after a restart of either side, it changes nothing
  /// again and gets the same reply. Of a call of a service, but for exactly once, no hub remembers more than its life.
  std::optional<CallId> id = std::nullopt;
  CallId* given = nullptr;  ///< where to note its id, before it is waited for
};

/// "3 messages", for sentences.
inline std::string show_count(std::uint64_t messages) {
  return std::to_string(messages) + (messages == 1 ? " message" : " messages");
}

/// The messages of a RoomHistory or RoomNext reply, which hold payloads of Delivery. Skips what can't be decoded.
std::optional<Message> decode_message(const RoomName& room, std::string_view delivery_payload);

}  // namespace hubbub::link
