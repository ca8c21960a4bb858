// Cuts a stream of bytes into frames.
//   bytes from read_some() --feed--> frame, frame, frame …   (a partial one waits for the rest)
// Whole frames are handed out where they lie in the caller's read buffer, without a copy; only the partial one at the
// end of a read is kept, so that an idle connection holds nothing.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "proto/frame.hpp"

namespace hubbub {

class FrameReader {
 public:
  enum class Outcome {
    all_read,         ///< every byte was used or kept
    stopped,          ///< `each` said so; nothing more is to be fed
    frame_too_large,  ///< a header announced more than payload_bytes_max
  };

  explicit FrameReader(std::size_t payload_bytes_max) : payload_bytes_max_(payload_bytes_max) {}

  /// In force from the next frame on.
  void set_payload_bytes_max(std::size_t bytes) { payload_bytes_max_ = bytes; }

  /// Calls `each(proto::Frame)` for every whole frame, in order; it returns false to stop. A frame borrows from `bytes`
  /// or from the reader and is valid only during the call. Copies at most one frame's bytes.
  template <class Each>
  Outcome feed(std::string_view bytes, Each&& each);

  /// Bytes of a partial frame that wait for their rest. Zero between frames.
  [[nodiscard]] std::size_t waiting_bytes() const { return partial_.size(); }

 private:
  /// Moves bytes over to the partial frame until it has `wanted`. True once it does.
  bool fill_partial(std::string_view& bytes, std::size_t wanted);

  std::size_t payload_bytes_max_;
  std::string partial_;
};

inline bool FrameReader::fill_partial(std::string_view& bytes, std::size_t wanted) {
  const auto taken = bytes.substr(0, wanted - partial_.size());
  partial_.append(taken);
  bytes.remove_prefix(taken.size());
  return partial_.size() == wanted;
}

template <class Each>
FrameReader::Outcome FrameReader::feed(std::string_view bytes, Each&& each) {
  using proto::frame_header_bytes;
  if (!partial_.empty()) {
    if (partial_.size() < frame_header_bytes && !fill_partial(bytes, frame_header_bytes)) return Outcome::all_read;
    const auto header = proto::read_frame_header(partial_.data());
    if (header.payload_bytes > payload_bytes_max_) return Outcome::frame_too_large;
    if (!fill_partial(bytes, frame_header_bytes + header.payload_bytes)) return Outcome::all_read;
    const bool more = each(proto::Frame{header.type, std::string_view(partial_).substr(frame_header_bytes)});
    partial_.clear();
    partial_.shrink_to_fit();
    if (!more) return Outcome::stopped;
  }
  while (bytes.size() >= frame_header_bytes) {
    const auto header = proto::read_frame_header(bytes.data());
    if (header.payload_bytes > payload_bytes_max_) return Outcome::frame_too_large;
    if (bytes.size() - frame_header_bytes < header.payload_bytes) break;
    const bool more = each(proto::Frame{header.type, bytes.substr(frame_header_bytes, header.payload_bytes)});
    bytes.remove_prefix(frame_header_bytes + header.payload_bytes);
    if (!more) return Outcome::stopped;
  }
  partial_ = bytes;
  return Outcome::all_read;
}

}  // namespace hubbub
