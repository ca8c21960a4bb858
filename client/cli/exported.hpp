// A line of `hubbub export` or `sub --json` as a message to publish again.
//   {"room":…,"seq":7,"time":"…","from":"alice","kind":"text","headers":{},"text":"hi"}
//       --> hi, with the headers original-from, original-time, original-seq
#pragma once

#include <string_view>

#include "client/link/types.hpp"
#include "proto/status.hpp"

namespace hubbub::cli {

/// Everything but the room. Where the message was imported before, its first origin stays. Where the origin finds no
/// room among its headers, it goes without. What the hub alone says, that a message was redacted, becomes the header
/// original-redacts. Fails with invalid_argument and a sentence that says what is missing or
/// wrong.
Result<link::Outgoing> parse_exported(std::string_view line);

}  // namespace hubbub::cli
