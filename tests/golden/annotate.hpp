// A frame, line by line, as docs/protocol.md shows it: up to eight bytes, then what they mean.
//   07 00 00 00              room = 7
// What stands there was decoded from the bytes and encoded again, so it can't differ from what the code does.
#pragma once

#include <string>
#include <string_view>

#include "proto/codec.hpp"

namespace hubbub::proto {

/// Every line of `message`'s frame. `method`: whose reply it is, if it is a Reply; else empty.
std::string annotate(const ClientMessage& message, std::string_view method);
std::string annotate(const HubMessage& message, std::string_view method);

}  // namespace hubbub::proto
