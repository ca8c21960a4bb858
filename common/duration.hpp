// Spans of time as people type and read them.
//   500ms 2s 5m 1h 1.5s 1m30s, a bare number: seconds --parse_duration--> milliseconds
#pragma once

#include <chrono>
#include <string>
#include <string_view>

#include "proto/status.hpp"

namespace hubbub {

/// At most a hundred years, so that a point in time plus a duration never overflows.
/// Fails with invalid_argument and a sentence that shows the forms.
Result<std::chrono::milliseconds> parse_duration(std::string_view text);

/// The largest unit that shows it in whole numbers: `90s` is `90s`, `120s` is `2m`, `1500ms` is `1500ms`.
std::string show_duration(std::chrono::milliseconds duration);

/// As a person says it of idle people: `now`, `5m`, `3h`, `2d`.
std::string show_age(std::chrono::nanoseconds age);

}  // namespace hubbub
