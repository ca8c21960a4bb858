// Messages about the connection itself: who is there, is anybody there, good-bye.
#pragma once

#include <array>
#include <cereal/cereal.hpp>
#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "proto/archive.hpp"

namespace hubbub::proto {

/// Refused if different: what the messages mean has changed.
inline constexpr std::uint16_t protocol_major = 1;
/// Only adds message types, methods and features; the two ends speak the smaller one.
inline constexpr std::uint16_t protocol_minor = 0;

/// "HUBBUB" at the start of a Hello, so that a stray HTTP request or port scan is named for what it is.
inline constexpr std::array<char, 6> hello_magic = {'H', 'U', 'B', 'B', 'U', 'B'};

/// Why a connection ends. On the wire as its number; numbers are never used again for something else.
enum class CloseReason : std::uint8_t {
  goodbye = 0,            ///< the client said so
  shutdown = 1,           ///< the hub is being stopped
  not_hubbub = 2,         ///< what came first was no Hello
  version = 3,            ///< another major version
  handshake_timeout = 4,  ///< no Hello in time
  name_taken = 5,         ///< somebody else has that name
  name_reclaimed = 6,     ///< a verified person of that name has come
  frame_too_large = 7,    ///< larger than the limit in force
  malformed = 8,          ///< a message that can't be decoded
  wrong_side = 9,         ///< a message that only the hub may send
  not_greeted = 10,       ///< a message before the Hello
  greeted_twice = 11,     ///< a second Hello
  unanswered_ping = 12,   ///< half-open: silence past the limit
  hub_full = 13,          ///< too many connections in all, or people known
  address_full = 14,      ///< too many connections from that address
  stalled = 15,           ///< would not take its own replies
  lost = 16,              ///< the connection broke
  name_refused = 17,      ///< not a name that a person can have
  no_memory = 18,         ///< the hub has no memory left for this connection
  log_unreadable = 19,    ///< the hub can't read what this client has missed
};

struct CloseReasonRow {
  std::string_view name;
  std::string_view sentence;
};

/// By number: the name for programs and the sentence for people.
inline constexpr std::array<CloseReasonRow, 20> close_reasons = {{
    {"goodbye", "the client said good-bye"},
    {"shutdown", "the hub is shutting down; connect again in a moment"},
    {"not_hubbub", "this port speaks the hubbub protocol; what came was something else"},
    {"version", "the client speaks another major version of the protocol; update the older of the two"},
    {"handshake_timeout", "no complete Hello came in time"},
    {"name_taken", "somebody else uses this name; choose another with --name"},
    {"name_reclaimed", "a verified person of this name has come; choose another with --name"},
    {"frame_too_large", "a frame was larger than the hub accepts"},
    {"malformed", "a message could not be understood"},
    {"wrong_side", "a message came that only a hub may send"},
    {"not_greeted", "a message came before the Hello"},
    {"greeted_twice", "a second Hello came"},
    {"unanswered_ping", "nothing came for too long, not even the answer to a ping"},
    {"hub_full", "the hub has as many connections, or knows as many people, as it may; try again later"},
    {"address_full", "there are as many connections from this address as there may be; close some first"},
    {"stalled", "the client asked and asked without reading the answers"},
    {"lost", "the connection broke"},
    {"name_refused", "a name is 1 to 32 of a-z 0-9 _ -; choose another with --name"},
    {"no_memory", "the hub has no memory left for this connection; connect again later"},
    {"log_unreadable", "the hub can't read from its disk what this client has missed; connect again later"},
}};

constexpr const CloseReasonRow& row_of(CloseReason reason) {
  const auto at = static_cast<std::size_t>(reason);
  return close_reasons[at < close_reasons.size() ? at : static_cast<std::size_t>(CloseReason::lost)];
}

/// Client → hub, the first message. Answered by Welcome, or by Closing.
struct Hello {
  static constexpr std::uint8_t type = 0x01;
  std::array<char, 6> magic = hello_magic;
  std::uint16_t major = protocol_major;
  std::uint16_t minor = protocol_minor;
  std::vector<Text> features;  ///< those the client would use; unknown ones are ignored
  Text program;                ///< "hubbub 0.1.0", for the hub's log
  ClientId client;             ///< scopes the client's call ids and publish ids
  OwnerKey owner;              ///< who it is where nothing better proves it
  Text name;                   ///< the name wanted; empty: the hub chooses. Ignored where the hub knows the name.

  template <class Archive>
  void serialize(Archive& ar) {
    for (char& c : magic) ar(c);
    ar(CEREAL_NVP(major), CEREAL_NVP(minor), CEREAL_NVP(features), CEREAL_NVP(program), CEREAL_NVP(client),
       CEREAL_NVP(owner), CEREAL_NVP(name));
  }
};

/// What a Hello of any version begins with; the rest is another major version's to lay out. Read first, so that such a
/// client is refused for its version and not for being malformed.
struct HelloStart {
  std::uint16_t major = 0;
  std::uint16_t minor = 0;

  /// Nothing if `payload` doesn't begin as a Hello does.
  static std::optional<HelloStart> read(std::string_view payload) {
    WireInput in(payload);
    const auto magic = in.bytes(hello_magic.size());
    if (magic != std::string_view(hello_magic.data(), hello_magic.size())) return std::nullopt;
    HelloStart start;
    in(start.major, start.minor);
    return in.failed() ? std::nullopt : std::optional(start);
  }
};

/// Hub → client: you are in.
struct Welcome {
  static constexpr std::uint8_t type = 0x41;
  std::uint16_t major = protocol_major;
  std::uint16_t minor = protocol_minor;
  std::vector<Text> features;         ///< those that both ends have
  Text hub;                           ///< "hubbubd 0.1.0"
  HubLife life;                       ///< another one than last time: what lived in the hub's memory is gone
  PersonName name;                    ///< who the client is here
  bool verified = false;              ///< true if the hub knows it, false if it was only claimed
  std::uint32_t ping_ms = 0;          ///< after this much silence the hub pings
  std::uint32_t frame_bytes_max = 0;  ///< the largest payload it takes from now on
  StoreId store;                      ///< the same as last time: durable rooms go on where they were

  template <class Archive>
  void serialize(Archive& ar) {
    ar(CEREAL_NVP(major), CEREAL_NVP(minor), CEREAL_NVP(features), CEREAL_NVP(hub), CEREAL_NVP(life), CEREAL_NVP(name),
       CEREAL_NVP(verified), CEREAL_NVP(ping_ms), CEREAL_NVP(frame_bytes_max), CEREAL_NVP(store));
  }
};

/// Hub → client, its last message: why the connection ends. After `shutdown` the hub still sends what is queued.
/// The same in every major version, like the start of a Hello.
struct Closing {
  static constexpr std::uint8_t type = 0x42;
  CloseReason reason = CloseReason::goodbye;
  Text sentence;

  template <class Archive>
  void serialize(Archive& ar) {
    ar(CEREAL_NVP(reason), CEREAL_NVP(sentence));
  }
};

/// Client → hub: nothing more will come. The hub answers what it still owes, then Closing, and closes.
struct Goodbye {
  static constexpr std::uint8_t type = 0x02;
  template <class Archive>
  void serialize(Archive&) {}
};

/// Either way, at any time after the handshake. Answered at once by a Pong with the same token.
struct Ping {
  static constexpr std::uint8_t type = 0x03;
  std::uint64_t token = 0;
  template <class Archive>
  void serialize(Archive& ar) {
    ar(CEREAL_NVP(token));
  }
};

struct Pong {
  static constexpr std::uint8_t type = 0x04;
  std::uint64_t token = 0;
  template <class Archive>
  void serialize(Archive& ar) {
    ar(CEREAL_NVP(token));
  }
};

}  // namespace hubbub::proto
