// The frames of a row of table batches, looked at without trust: a disk may have changed them.
//   bytes --walk--> each(StoredFrame)
#pragma once

#include <string_view>

#include "proto/hot.hpp"

namespace hubbub::server::sqlite {

struct StoredFrame {
  std::string_view frame;    ///< with its header
  std::string_view payload;  ///< a Delivery's
  Seq seq;
  WallTime time;
};

/// Calls `each(StoredFrame)` for every frame. False if they aren't exactly the Deliveries `first` to `last` of `room`:
/// then what was called for so far isn't to be used.
template <class Each>
bool walk(std::string_view frames, RoomId room, Seq first, Seq last, Each&& each) {
  constexpr std::size_t place_bytes = 4 + 8 + 8;  // room, seq, time
  auto seq = first;
  for (; !frames.empty(); seq = seq.next()) {
    if (seq > last || frames.size() < proto::frame_header_bytes + place_bytes) return false;
    const auto header = proto::read_frame_header(frames.data());
    if (header.type != proto::Delivery::type || header.payload_bytes < place_bytes) return false;
    const auto bytes = proto::frame_header_bytes + header.payload_bytes;
    if (bytes > frames.size()) return false;
    const char* const payload = frames.data() + proto::frame_header_bytes;
    if (proto::detail::load<std::uint32_t>(payload) != room.value ||
        proto::detail::load<std::uint64_t>(payload + 4) != seq.value)
      return false;
    each(StoredFrame{frames.substr(0, bytes), frames.substr(proto::frame_header_bytes, header.payload_bytes), seq,
                     WallTime{proto::detail::load<std::uint64_t>(payload + 12)}});
    frames.remove_prefix(bytes);
  }
  return seq == last.next();
}

}  // namespace hubbub::server::sqlite
