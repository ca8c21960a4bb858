// A client's connection to a hub, for whoever writes one: the shell commands, the terminal client, the agent, others.
//
//   call / publish / subscribe  -->  Link  <-->  hub
//                                     |
//                                     +-->  next(): messages, gaps, presence, and how the connection is
//
// The Link keeps a connection: it comes back after a loss with backoff and jitter, subscribes again where it was, sends
// again what was not acknowledged (under the same ids, so that the hub takes it once), and repeats unanswered calls (under
// the same ids, so that nothing happens twice). Messages of a room come in order, each once; what can't be had any more
// comes as Gap.
//
// Every member runs on the thread of the Link's io_context. blocking.hpp has the same calls for threads that may wait.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "common/address.hpp"
#include "common/asio.hpp"
#include "proto/codec.hpp"
#include "proto/methods.hpp"

namespace hubbub::link {

struct Options {
  Address hub;
  std::string name;     ///< the name to claim; empty: the hub chooses. A hub that knows better ignores it.
  std::string program;  ///< for the hub's log: "hubbub 0.1.0"
  OwnerKey owner;       ///< see identity.hpp
  ClientId client;      ///< all zeros: drawn at random
  bool reconnect = true;                           ///< false: the first loss is the end
  std::chrono::milliseconds connect_timeout{5000};  ///< for one try: connect and handshake
  std::chrono::milliseconds backoff_min{100};       ///< the wait after the first loss; doubles up to the next
  std::chrono::milliseconds backoff_max{10000};
  std::size_t unsent_bytes_max = 4u << 20;  ///< publishes that wait to be sent or acknowledged; then publish() waits
};

/// One message, as the library hands it out: owns its bytes.
struct Message {
  RoomName room;
  Seq seq;
  WallTime time;
  PersonName from;
  bool verified = false;   ///< the hub knows that `from` is true
  bool retained = false;   ///< the room's retained value, given at the start of a subscription; outside of the order
  bool grouped = false;    ///< this one of a queue group got it; seqs have holes by design
  proto::Kind kind = proto::Kind::text;
  proto::Headers headers;
  std::string body;
};

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
  Seq last;  ///< the newest message at that moment
};

/// Somebody joined, left, typed, went away, changed a topic or name. `room` is empty for what concerns every room.
struct Presence {
  RoomName room;
  proto::Event event;
};

/// How the connection is.
struct Online {
  proto::Welcome welcome;
  bool resumed = false;  ///< not the first time
  bool new_life = false; ///< the hub was restarted since: rooms that lived in its memory begin again at 1
};
struct Offline {
  Error why;
  std::chrono::milliseconds retry_in{0};  ///< the Link tries again by itself after this
};
/// The Link has ended and will not come back. Always the last event.
struct Closed {
  Error why;
};

using Incoming = std::variant<Message, Gap, RoomAttached, Presence, Online, Offline, Closed>;

/// Where a publish ended up.
struct Receipt {
  Seq seq;
};

struct Outgoing {
  RoomName room;
  proto::Kind kind = proto::Kind::text;
  proto::Headers headers;
  bool retain = false;
  std::string body;
};

struct Subscription {
  Pattern pattern;
  proto::From from = proto::From::now;
  Seq seq;          ///< with From::seq
  GroupName group;  ///< empty: every message
  bool events = false;
};

struct CallOptions {
  std::chrono::milliseconds timeout{10000};  ///< zero: none. Carried to the hub as the call's deadline.
};

class Link {
 public:
  /// Does nothing yet. REQUIRES: `loop` is run by one thread and outlives the Link.
  Link(asio::io_context& loop, Options options);
  ~Link();  ///< Closes at once; calls that wait get `cancelled`.
  Link(const Link&) = delete;
  Link& operator=(const Link&) = delete;

  /// Connects for the first time. Fails with unavailable (nobody there: says where it looked), deadline_exceeded,
  /// unauthenticated / already_exists (the hub refused, its sentence) … and the Link stays closed.
  asio::awaitable<Result<proto::Welcome>> connect();
  /// Connects in the background, tries for ever, and tells by Online and Offline. For the terminal client.
  void connect_in_background();

  /// Calls a method of the hub. Waits while offline, within the timeout. Fails with the hub's status and sentence, or
  /// deadline_exceeded, or cancelled (the coroutine was cancelled, or the Link closed).
  template <class Method>
  asio::awaitable<Result<typename Method::Reply>> call(Method method, CallOptions options = {});
  /// The same by name, for reflection: arguments and reply as they stand on the wire.
  asio::awaitable<Result<std::string>> call_raw(MethodName method, std::string arguments, CallOptions options = {});

  /// Says it and waits for the acknowledgement. Several may be under way at once; each room's keep their order, also over
  /// reconnects. Fails with the hub's refusal; a message that the hub only wants later is sent again by itself.
  asio::awaitable<Result<Receipt>> publish(Outgoing message);
  /// The same, without waiting for the acknowledgement: returns once there is room among the unsent. Failures are
  /// counted and told by drain(). For streams of messages at full speed with nothing lost.
  asio::awaitable<Result<void>> publish_soon(Outgoing message);
  /// Waits until all that was published is acknowledged. Fails with the first refusal since the last drain().
  asio::awaitable<Result<void>> drain();
  /// Fire and forget: no acknowledgement, nothing is sent again. Returns when the socket has taken it or at most
  /// unsent_bytes_max wait.
  asio::awaitable<Result<void>> publish_unacknowledged(Outgoing message);
  /// Publishes that were accepted here and not yet acknowledged.
  [[nodiscard]] std::size_t unacknowledged() const;

  /// Receives the rooms of a pattern from now on, also after reconnects. Messages come out of next().
  asio::awaitable<Result<proto::RoomSubscribe::Reply>> subscribe(Subscription subscription);
  asio::awaitable<Result<void>> unsubscribe(Pattern pattern);

  /// The next event; waits for one. After Closed: Closed again. One caller at a time.
  /// What isn't taken is bounded: the Link stops reading from the hub while more than a megabyte waits.
  asio::awaitable<Incoming> next();
  /// The same without waiting.
  std::optional<Incoming> try_next();

  [[nodiscard]] bool online() const;
  [[nodiscard]] const proto::Welcome& welcome() const;  ///< of the newest connection. REQUIRES: was online once
  /// Of the last ping's round trip; empty before the first. Pings every few seconds while somebody asks.
  [[nodiscard]] std::optional<std::chrono::microseconds> round_trip() const;

  /// Says good-bye, waits (at most `grace`) until what was said is acknowledged, and closes.
  asio::awaitable<void> close(std::chrono::milliseconds grace = std::chrono::milliseconds(2000));
  /// Closes without a word.
  void abort();

 private:
  class Impl;
  std::shared_ptr<Impl> impl_;
};

template <class Method>
asio::awaitable<Result<typename Method::Reply>> Link::call(Method method, CallOptions options) {
  std::string arguments;
  proto::encode_value(method, arguments);
  const auto name = MethodName::literal(Method::name);
  auto raw = co_await call_raw(name, std::move(arguments), options);
  if (!raw) co_return tl::unexpected(raw.error());
  auto reply = proto::decode_value<typename Method::Reply>(*raw);
  if (!reply) co_return fail(Status::internal, "the hub's reply could not be understood; is it of another version?");
  co_return *std::move(reply);
}

/// The messages of a RoomHistory or RoomNext reply, which hold payloads of Delivery. Skips what can't be decoded.
std::optional<Message> decode_message(const RoomName& room, std::string_view delivery_payload);

}  // namespace hubbub::link
