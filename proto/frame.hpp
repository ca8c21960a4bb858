// The frame, the only unit on the wire:
//
//   byte  0       type of the message in it
//   bytes 1 to 3  size of the payload, little-endian; the header isn't counted
//   then          the payload
//
// A connection's first byte is therefore the type of its first message, 0x01 (Hello) from a client, which a local door
// can tell apart from `{` (JSON lines) and 0x16 (TLS).
#pragma once

#include <cstdint>
#include <cstring>
#include <string_view>

namespace hubbub::proto {

inline constexpr std::size_t frame_header_bytes = 4;

struct FrameHeader {
  std::uint8_t type = 0;
  std::uint32_t payload_bytes = 0;  ///< below 2^24
};

/// REQUIRES: `at` has frame_header_bytes.
inline FrameHeader read_frame_header(const char* at) {
  std::uint32_t word;
  std::memcpy(&word, at, sizeof word);
  return {static_cast<std::uint8_t>(word), word >> 8};
}

/// REQUIRES: `at` has room for frame_header_bytes; payload_bytes < 2^24.
inline void write_frame_header(char* at, FrameHeader header) {
  const std::uint32_t word = header.type | header.payload_bytes << 8;
  std::memcpy(at, &word, sizeof word);
}

/// One whole frame, not copied.
struct Frame {
  std::uint8_t type = 0;
  std::string_view payload;
};

}  // namespace hubbub::proto
