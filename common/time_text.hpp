// Times as text: RFC 3339 in UTC, 2026-11-22T21:02:56.123Z.
#pragma once

#include <string>

#include "proto/ids.hpp"

namespace hubbub {

/// With `digits` (0 to 9) after the second's point. Appends.
void append_rfc3339(WallTime time, int digits, std::string& out);
std::string rfc3339(WallTime time, int digits);

}  // namespace hubbub
