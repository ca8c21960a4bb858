// Strong ids: the things that the wire counts and names by number. No arithmetic, so that a room can't be added to a
// seq.
#pragma once

#include <array>
#include <compare>
#include <cstddef>
#include <cstdint>
#include <functional>

namespace hubbub {

/// A room of one hub. Given out by the hub and the same for every session, so that one frame serves all subscribers.
/// Zero names no room. Of a durable room it is the same for as long as the hub keeps the room's messages; of others it
/// holds for one life of the hub. A client asks for it by name.
struct RoomId {
  std::uint32_t value = 0;
  auto operator<=>(const RoomId&) const = default;
};

/// A message's place in its room: 1, 2, 3 … without gaps. Zero stands before the first message.
struct Seq {
  std::uint64_t value = 0;
  auto operator<=>(const Seq&) const = default;
  [[nodiscard]] Seq next() const { return Seq{value + 1}; }
  [[nodiscard]] Seq previous() const { return Seq{value - 1}; }  ///< REQUIRES: value > 0
};

/// A client's number for one of its calls; unique for that client (see ClientId) for ever.
struct CallId {
  std::uint64_t value = 0;
  auto operator<=>(const CallId&) const = default;
};

/// The hub's number for one call that it hands to the provider of a service; unique in its life.
struct InvocationId {
  std::uint64_t value = 0;
  auto operator<=>(const InvocationId&) const = default;
};

/// The hub's number for one message that is to be posted later; never used again.
struct LaterId {
  std::uint64_t value = 0;
  auto operator<=>(const LaterId&) const = default;
};

/// A client's number for one of its publishes to one room: 1, 2, 3 …; zero asks for no acknowledgement.
struct PublishId {
  std::uint64_t value = 0;
  auto operator<=>(const PublishId&) const = default;
  [[nodiscard]] PublishId next() const { return PublishId{value + 1}; }
};

/// Nanoseconds since the Unix epoch by the hub's clock.
struct WallTime {
  std::uint64_t ns = 0;
  auto operator<=>(const WallTime&) const = default;
};

/// 128 random bits, told apart by what they identify.
template <class Tag>
struct Random128 {
  std::array<std::uint8_t, 16> bytes{};
  auto operator<=>(const Random128&) const = default;
};

/// One client program, which is one producer of messages. Kept across its reconnects and, if the client has a place for
/// it, across its restarts; scopes its call ids and publish ids.
using ClientId = Random128<struct ClientIdTag>;
/// A secret of one person on one machine. Whoever shows it again is the same person; never shown to others.
using OwnerKey = Random128<struct OwnerKeyTag>;
/// One life of a hub: drawn anew at each start, so that a client notices that memory-only state is gone.
using HubLife = Random128<struct HubLifeTag>;
/// The data of a hub: drawn when its database is made, and kept in it. Zero where a hub keeps nothing.
using StoreId = Random128<struct StoreIdTag>;

}  // namespace hubbub

template <>
struct std::hash<hubbub::RoomId> {
  std::size_t operator()(hubbub::RoomId id) const noexcept { return id.value; }
};

template <class Tag>
struct std::hash<hubbub::Random128<Tag>> {
  std::size_t operator()(const hubbub::Random128<Tag>& id) const noexcept {
    std::size_t word = 0;  // the bits are random already: any eight of them are a hash
    for (std::size_t i = 0; i < sizeof word; ++i) word = word << 8 | id.bytes[i];
    return word;
  }
};
