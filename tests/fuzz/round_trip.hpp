// What decodes encodes again to the same bytes: a value has one form.
#pragma once

#include "proto/codec.hpp"
#include "proto/methods.hpp"
#include "tests/fuzz/target.hpp"
#include "tests/support/type_list.hpp"

namespace hubbub::fuzz {

template <class T>
void round_trip(std::string_view bytes) {
  const auto value = proto::decode_value<T>(bytes);
  if (!value) return;
  std::string again;
  proto::encode_value(*value, again);
  promise(again == bytes, "what decodes encodes to the same bytes");
}

/// `data` is a type and a payload.
template <class Decode>
auto decode_frame(Decode decode, const std::uint8_t* data, std::size_t size) {
  const proto::Frame frame{data[0], view(data + 1, size - 1)};
  auto message = decode(frame);
  if (message) {
    const auto again = std::visit([](const auto& held) { return proto::encoded(held); }, *message);
    promise(std::string_view(again).substr(proto::frame_header_bytes) == frame.payload, "a message has one form");
    promise(static_cast<std::uint8_t>(again[0]) == frame.type, "a message has one type");
  }
  return message;
}

}  // namespace hubbub::fuzz
