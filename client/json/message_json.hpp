// A message as one JSON object on one line: room, seq, time, from, verified, `retain` and `retained` where they are
// true, kind, headers, and `text`, or `base64` where the body isn't UTF-8. A header that is there more than once has a
// list of its values.
#pragma once

#include <string>

#include "client/link/types.hpp"

namespace hubbub::json {

/// Appends the object, without a newline. Harmless on a terminal as it is. Written by hand for its speed.
void append_json(const link::Message& message, std::string& out);
/// The same without text and base64.
void append_json_without_body(const link::Message& message, std::string& out);

}  // namespace hubbub::json
