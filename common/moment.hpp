// Points in time as people type them.
//   2h, 1h30m: so long ago     2026-11-01, 2026-11-01T12:00, 2026-11-01T12:00:30: local time, or with Z behind it UTC
//   15:30, of what is to come: the next time that the clock shows this
#pragma once

#include <string_view>

#include "proto/ids.hpp"
#include "proto/status.hpp"

namespace hubbub {

/// What has been. Fails with invalid_argument and a sentence that shows the forms.
Result<WallTime> parse_moment(std::string_view text, WallTime now);

/// What is to come. Fails as above, and for what has been.
Result<WallTime> parse_moment_to_come(std::string_view text, WallTime now);

}  // namespace hubbub
