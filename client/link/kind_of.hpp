// What a body is where nobody says it.
#pragma once

#include <string_view>

#include "proto/messages/stream.hpp"

namespace hubbub::link {

/// Text, or data where it isn't UTF-8.
inline proto::Kind kind_of(std::string_view body) { return is_utf8(body) ? proto::Kind::text : proto::Kind::data; }

}  // namespace hubbub::link
