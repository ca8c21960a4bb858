#include "client/link/publish_frame.hpp"

#include <algorithm>

#include "proto/archive.hpp"
#include "proto/marks.hpp"

namespace hubbub::link {

namespace {

/// Header, room, id, flags, kind: what stands before the headers.
constexpr std::size_t fixed_bytes = proto::frame_header_bytes + 4 + 8 + 1 + 1;

void append_headers(const proto::Headers& headers, std::string& out) {
  if (headers.list.empty()) {
    out.append(2, '\0');
    return;
  }
  proto::WireOutput archive(out);
  archive(headers);
}

/// Those of a message as it is said. The hub looks for marks only where there is one.
std::uint8_t flags_of(const Outgoing& message) {
  const bool marked =
      std::ranges::any_of(message.headers.list, [](const auto& header) { return proto::is_mark(header.key); });
  return static_cast<std::uint8_t>((message.retain ? proto::flags::retain : 0) |
                                   (message.traced ? proto::flags::traced : 0) | (marked ? proto::flags::marked : 0));
}

}  // namespace

void append_publish(const Outgoing& message, std::string& out) {
  const auto start = out.size();
  char fixed[fixed_bytes] = {};
  fixed[fixed_bytes - 2] = static_cast<char>(flags_of(message));
  fixed[fixed_bytes - 1] = static_cast<char>(message.kind);
  out.append(fixed, sizeof fixed);
  append_headers(message.headers, out);
  out.append(message.body);
  const auto payload_bytes = static_cast<std::uint32_t>(out.size() - start - proto::frame_header_bytes);
  proto::write_frame_header(out.data() + start, {proto::Publish::type, payload_bytes});
}

}  // namespace hubbub::link
