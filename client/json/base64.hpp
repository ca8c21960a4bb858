// Bytes that aren't text, in JSON: RFC 4648, section 4, with padding.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace hubbub::json {

std::string to_base64(std::string_view bytes);
/// Nothing if it isn't base64 with its padding. White space isn't skipped.
std::optional<std::string> from_base64(std::string_view text);

}  // namespace hubbub::json
