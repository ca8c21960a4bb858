#include "proto/codec.hpp"

#include <tuple>

namespace hubbub::proto {

namespace {

enum class Match { none, malformed, decoded };

template <class Message, class Variant>
Match try_decode(const Frame& frame, Variant& into) {
  if (frame.type != Message::type) return Match::none;
  WireInput archive(frame.payload);
  Message message{};
  archive(message);
  if (!archive.complete()) return Match::malformed;
  into = std::move(message);
  return Match::decoded;
}

template <class... Messages>
Match decode_as(const Frame& frame, std::variant<Messages...>& into) {
  auto match = Match::none;
  (void)((match = try_decode<Messages>(frame, into), match != Match::none) || ...);
  return match;
}

template <class... Messages>
bool is_type_of(std::uint8_t type, const std::variant<Messages...>*) {
  return ((type == Messages::type) || ...);
}

template <class Ours, class Theirs>
tl::expected<Ours, DecodeError> decode(const Frame& frame) {
  Ours message;
  switch (decode_as(frame, message)) {
    case Match::decoded: return message;
    case Match::malformed: return tl::unexpected(DecodeError::malformed);
    case Match::none: break;
  }
  const bool wrong_side = is_type_of(frame.type, static_cast<const Theirs*>(nullptr));
  return tl::unexpected(wrong_side ? DecodeError::wrong_side : DecodeError::unknown_type);
}

}  // namespace

tl::expected<ClientMessage, DecodeError> decode_from_client(const Frame& frame) {
  return decode<ClientMessage, HubMessage>(frame);
}

tl::expected<HubMessage, DecodeError> decode_from_hub(const Frame& frame) {
  return decode<HubMessage, ClientMessage>(frame);
}

}  // namespace hubbub::proto
