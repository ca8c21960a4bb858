// Messages ↔ frames.
//   encode(message, out)  appends one whole frame
//   decode(frame)         a message, "unknown type" (to be skipped), or "malformed" (to end the connection)
// A new message type: its struct in proto/messages/, one line in ClientMessages or HubMessages.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <variant>

#include "proto/frame.hpp"
#include "proto/messages/calls.hpp"
#include "proto/messages/presence.hpp"
#include "proto/messages/services.hpp"
#include "proto/messages/session.hpp"
#include "proto/messages/stream.hpp"

namespace hubbub::proto {

/// What a client may send to a hub, and what a hub may send to a client.
using ClientMessage = std::variant<Hello, Goodbye, Ping, Pong, Publish, Settle, Call, Cancel, Outcome>;
using HubMessage = std::variant<Welcome, Closing, Ping, Pong, Published, PublishRefused, Delivery, Attached, Detached,
                                Lost, Retained, Handed, Reply, Event, Invoke, Revoke>;

enum class DecodeError {
  unknown_type,  ///< a newer peer's message: skip the frame
  wrong_side,    ///< known, but not from that side
  malformed,     ///< not what its type says
};

/// Both are total and never throw. What they return may borrow from `frame` (Rest).
tl::expected<ClientMessage, DecodeError> decode_from_client(const Frame& frame);
tl::expected<HubMessage, DecodeError> decode_from_hub(const Frame& frame);

/// Appends `value` alone, as it stands in a payload: a method's arguments or reply.
template <class T>
void encode_value(const T& value, std::string& out) {
  WireOutput archive(out);
  archive(value);
}

/// Reads a value that takes up all of `bytes`. Total, never throws.
template <class T>
std::optional<T> decode_value(std::string_view bytes) {
  T value{};
  WireInput archive(bytes);
  archive(value);
  if (!archive.complete()) return std::nullopt;
  return value;
}

/// Appends one whole frame. REQUIRES: the payload is at most limits::frame_bytes_max.
template <class Message>
void encode(const Message& message, std::string& out) {
  const auto start = out.size();
  out.append(frame_header_bytes, '\0');
  encode_value(message, out);
  const auto payload_bytes = out.size() - start - frame_header_bytes;
  write_frame_header(out.data() + start, {Message::type, static_cast<std::uint32_t>(payload_bytes)});
}

/// The same as a string of its own.
template <class Message>
std::string encoded(const Message& message) {
  std::string out;
  encode(message, out);
  return out;
}

}  // namespace hubbub::proto
