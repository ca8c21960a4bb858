#include "server/fanout/chunk.hpp"

#include <algorithm>

namespace hubbub::server {

namespace {

std::size_t frame_bytes(const char* at) {
  return proto::frame_header_bytes + proto::read_frame_header(at).payload_bytes;
}

}  // namespace

Slice Slice::part(Seq from, Seq until, std::size_t bytes_max) const {
  const char* at = chunk->data() + offset;
  for (auto seq = first; seq < from; seq = seq.next()) at += frame_bytes(at);
  Slice found{chunk, static_cast<std::uint32_t>(at - chunk->data()), 0, room, from, from.previous()};
  const auto end = std::min(until, last);
  while (found.last < end && (found.bytes == 0 || found.bytes < bytes_max)) {
    const auto size = frame_bytes(at);
    at += size;
    found.bytes += static_cast<std::uint32_t>(size);
    found.last = found.last.next();
  }
  return found;
}

}  // namespace hubbub::server
