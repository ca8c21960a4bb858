// What a body is: the header `content-type`, as HTTP has it (RFC 9110, section 8.3).
//   "json" --media_type--> "application/json"        headers --is_json--> whether people see the body laid out
#pragma once

#include <string>
#include <string_view>

#include "proto/messages/stream.hpp"
#include "proto/status.hpp"

namespace hubbub::json {

inline constexpr std::string_view content_type_header = "content-type";
inline constexpr std::string_view json_type = "application/json";

/// As a user names it: `type/subtype` with or without parameters, or `json` for short. Fails with invalid_argument.
Result<std::string> media_type(std::string_view word);

/// application/json, or another type that ends in +json; its parameters don't matter. Of several headers the first
/// counts.
bool is_json(const proto::Headers& headers);
bool is_json(std::string_view content_type);

}  // namespace hubbub::json
