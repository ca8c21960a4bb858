// A Publish frame by hand: the same bytes as encode(proto::Publish{…}) (a test compares them), straight into a buffer,
// at the speed of a copy. Room and id are filled in when it is sent, because a reconnect can change both.
#pragma once

#include <cstring>
#include <string>

#include "client/link/types.hpp"
#include "proto/frame.hpp"

namespace hubbub::link {

/// Appends the frame of `message`, for no room and without an id. REQUIRES: proto::check_outgoing() accepts it.
void append_publish(const Outgoing& message, std::string& out);

/// Fills in where it goes to. REQUIRES: `frame` begins with what append_publish() wrote.
inline void address_publish(char* frame, RoomId room, PublishId id) {
  std::memcpy(frame + proto::frame_header_bytes, &room.value, sizeof room.value);
  std::memcpy(frame + proto::frame_header_bytes + sizeof room.value, &id.value, sizeof id.value);
}

/// Header, room, id, flags, kind and the size of no headers: the smallest frame.
inline constexpr std::size_t publish_bytes_min = proto::frame_header_bytes + 4 + 8 + 1 + 1 + 2;

/// Bytes of the whole frame that begins here.
inline std::size_t frame_bytes_at(const char* frame) {
  return proto::frame_header_bytes + proto::read_frame_header(frame).payload_bytes;
}

}  // namespace hubbub::link
