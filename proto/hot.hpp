// The two messages of the hot path, by hand: the same bytes as the structs Publish and Delivery (a test compares them),
// without their strings. A Publish is only looked at; a Delivery is written once, straight into a room's chunk.
#pragma once

#include <cstdint>
#include <cstring>
#include <optional>
#include <string_view>

#include "proto/frame.hpp"
#include "proto/messages/stream.hpp"

namespace hubbub::proto {

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

/// The seq of a Delivery's payload. Nothing if it is too short.
std::optional<Seq> seq_of_delivery(std::string_view payload);

}  // namespace hubbub::proto
