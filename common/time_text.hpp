// The hub's times as text.
#pragma once

#include <string>

#include "proto/ids.hpp"

namespace hubbub {

/// RFC 3339 in UTC with `digits` (0 to 9) after the second's point: 2026-11-22T21:02:56.123Z. Appends.
void append_rfc3339(WallTime time, int digits, std::string& out);
std::string rfc3339(WallTime time, int digits);

/// By strftime(3), in the local time zone.
std::string local_time(WallTime time, const char* format);

}  // namespace hubbub
