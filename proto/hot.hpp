// The two messages of the hot path, by hand: the same bytes as the structs Publish and Delivery (a test compares them),
// without their strings. A Publish is only looked at; a Delivery is written once, straight into a room's chunk, and
// looked at where it lies on a disk.
#pragma once

#include <cstdint>
#include <cstring>
#include <optional>
#include <string_view>

#include "proto/frame.hpp"
#include "proto/messages/stream.hpp"

namespace hubbub::proto {

namespace detail {

inline constexpr std::size_t publish_fixed_bytes = 4 + 8 + 1 + 1 + 2;
inline constexpr std::size_t delivery_seq_at = 4;
inline constexpr std::size_t delivery_time_at = delivery_seq_at + 8;
inline constexpr std::size_t delivery_flags_at = delivery_time_at + 8;
inline constexpr std::size_t delivery_from_at = delivery_flags_at + 1 + 1 + 1;

template <class T>
T load(const char* at) {
  T value;
  std::memcpy(&value, at, sizeof value);
  return value;
}

template <class T>
char* store(char* at, T value) {
  std::memcpy(at, &value, sizeof value);
  return at + sizeof value;
}

inline char* store(char* at, std::string_view bytes) {
  if (!bytes.empty()) std::memcpy(at, bytes.data(), bytes.size());
  return at + bytes.size();
}

}  // namespace detail

/// A Publish as it lies in the read buffer. Borrows from the frame.
struct PublishView {
  RoomId room;
  PublishId id;
  std::uint8_t flags = 0;
  Kind kind = Kind::text;
  std::string_view headers;  ///< without their leading size; not checked yet (see are_headers)
  std::string_view body;

  /// Nothing if the payload is too short to be a Publish. Checks neither kind, headers nor UTF-8.
  static std::optional<PublishView> parse(std::string_view payload);
};

/// What the hub puts before the headers and the body.
struct DeliveryPlace {
  RoomId room;
  Seq seq;
  WallTime time;
  std::uint8_t flags = 0;
  Kind kind = Kind::text;
  std::string_view from;  ///< at most 255 bytes
};

/// Bytes of the whole frame.
inline std::size_t delivery_frame_bytes(std::size_t from, std::size_t headers, std::size_t body) {
  return frame_header_bytes + 4 + 8 + 8 + 1 + 1 + 1 + from + 2 + headers + body;
}

/// Writes the whole frame at `at`, which has room for delivery_frame_bytes(…). Returns the byte after it.
char* write_delivery(char* at, const DeliveryPlace& place, std::string_view headers, std::string_view body);

/// The seq, and the time, of a Delivery's payload. Nothing if it is too short.
std::optional<Seq> seq_of_delivery(std::string_view payload);
std::optional<WallTime> time_of_delivery(std::string_view payload);

/// A Delivery as it lies in a frame. Borrows from it.
struct DeliveryView {
  DeliveryPlace place;
  std::string_view headers;  ///< without their leading size; not checked
  std::string_view body;

  /// Nothing if the payload is too short to be a Delivery. Checks no more than that.
  static std::optional<DeliveryView> parse(std::string_view payload);
};

// ── the bytes: here, so that the compiler can put them where they are used ──────────────────────────────────────────

inline std::optional<PublishView> PublishView::parse(std::string_view payload) {
  if (payload.size() < detail::publish_fixed_bytes) return std::nullopt;
  const char* at = payload.data();
  const auto headers_bytes = detail::load<std::uint16_t>(at + 14);
  if (payload.size() < detail::publish_fixed_bytes + headers_bytes) return std::nullopt;
  return PublishView{RoomId{detail::load<std::uint32_t>(at)},
                     PublishId{detail::load<std::uint64_t>(at + 4)},
                     detail::load<std::uint8_t>(at + 12),
                     detail::load<Kind>(at + 13),
                     payload.substr(detail::publish_fixed_bytes, headers_bytes),
                     payload.substr(detail::publish_fixed_bytes + headers_bytes)};
}

inline char* write_delivery(char* at, const DeliveryPlace& place, std::string_view headers, std::string_view body) {
  const auto frame_bytes = delivery_frame_bytes(place.from.size(), headers.size(), body.size());
  write_frame_header(at, {Delivery::type, static_cast<std::uint32_t>(frame_bytes - frame_header_bytes)});
  at = detail::store(at + frame_header_bytes, place.room.value);
  at = detail::store(at, place.seq.value);
  at = detail::store(at, place.time.ns);
  at = detail::store(at, place.flags);
  at = detail::store(at, place.kind);
  at = detail::store(at, static_cast<std::uint8_t>(place.from.size()));
  at = detail::store(at, place.from);
  at = detail::store(at, static_cast<std::uint16_t>(headers.size()));
  at = detail::store(at, headers);
  return detail::store(at, body);
}

inline std::optional<Seq> seq_of_delivery(std::string_view payload) {
  if (payload.size() < detail::delivery_seq_at + sizeof(std::uint64_t)) return std::nullopt;
  return Seq{detail::load<std::uint64_t>(payload.data() + detail::delivery_seq_at)};
}

inline std::optional<WallTime> time_of_delivery(std::string_view payload) {
  if (payload.size() < detail::delivery_time_at + sizeof(std::uint64_t)) return std::nullopt;
  return WallTime{detail::load<std::uint64_t>(payload.data() + detail::delivery_time_at)};
}

inline std::optional<DeliveryView> DeliveryView::parse(std::string_view payload) {
  if (payload.size() < detail::delivery_from_at) return std::nullopt;
  const char* at = payload.data();
  DeliveryView view;
  view.place.room.value = detail::load<std::uint32_t>(at);
  view.place.seq.value = detail::load<std::uint64_t>(at + detail::delivery_seq_at);
  view.place.time.ns = detail::load<std::uint64_t>(at + detail::delivery_time_at);
  view.place.flags = detail::load<std::uint8_t>(at + detail::delivery_flags_at);
  view.place.kind = detail::load<Kind>(at + detail::delivery_flags_at + 1);
  const std::size_t from_bytes = detail::load<std::uint8_t>(at + detail::delivery_from_at - 1);
  const auto headers_at = detail::delivery_from_at + from_bytes + sizeof(std::uint16_t);
  if (payload.size() < headers_at) return std::nullopt;
  view.place.from = payload.substr(detail::delivery_from_at, from_bytes);
  const std::size_t headers_bytes = detail::load<std::uint16_t>(at + headers_at - sizeof(std::uint16_t));
  if (payload.size() < headers_at + headers_bytes) return std::nullopt;
  view.headers = payload.substr(headers_at, headers_bytes);
  view.body = payload.substr(headers_at + headers_bytes);
  return view;
}

}  // namespace hubbub::proto
