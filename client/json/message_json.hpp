// A message as one JSON object on one line: room, seq, time, from, verified, `retain`, `traced`, `retained`, `by_hub`
// and `erased` where they are true, kind, headers, and `text`, or `base64` where the body isn't UTF-8; an empty text of
// one that is erased. A header that is there more than once has a list of its values.
#pragma once

#include <string>

#include "client/link/amendments.hpp"
#include "client/link/types.hpp"

namespace hubbub::json {

/// Appends the object, without a newline. Harmless on a terminal as it is. Written by hand for its speed.
void append_json(const link::Message& message, std::string& out);
/// The same with the text that it has now, and what has become of it where there is anything: `edited`, `pinned`,
/// `redacted`, `reactions`. Names in these as they are shown: ~bob, where the hub only has his word for it.
void append_json(const link::Message& message, const link::View& view, std::string& out);
/// The same without text and base64.
void append_json_without_body(const link::Message& message, std::string& out);

}  // namespace hubbub::json
