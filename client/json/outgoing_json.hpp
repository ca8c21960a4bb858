// A message that is to be said, from a JSON object as message_json.hpp writes them: `text` or `base64`, `kind`,
// `headers` with a text or a list of texts each, `retain`. Or `json` with any value: the body is that, and its
// content-type application/json. Other fields are left alone.
#pragma once

#include <nlohmann/json_fwd.hpp>

#include "client/link/types.hpp"

namespace hubbub::json {

/// Without its room. Where there is no `kind` it is text, or data where the body isn't UTF-8. Fails with
/// invalid_argument and a sentence about "it". REQUIRES: an object. Isn't held against the limits of a message yet.
Result<link::Outgoing> outgoing_from_json(const nlohmann::ordered_json& object);

}  // namespace hubbub::json
