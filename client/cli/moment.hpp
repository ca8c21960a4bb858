// Points in time as people type them.
//   2h, 1h30m: so long ago     2026-11-01, 2026-11-01T12:00, 2026-11-01T12:00:30: local time, or with Z behind it UTC
#pragma once

#include <string_view>

#include "client/cli/syntax.hpp"
#include "proto/ids.hpp"

namespace hubbub::cli {

/// Fails with invalid_argument and a sentence that shows the forms.
Result<WallTime> parse_moment(std::string_view text, WallTime now);

/// Counts from the time at which the word is taken.
Take store_moment(std::optional<WallTime>& moment);

}  // namespace hubbub::cli
