// The hub's times in the time zone of this terminal (TZ).
#pragma once

#include <string>

#include "proto/ids.hpp"

namespace hubbub::tui {

/// A day, comparable: 20250603.
int day_of(WallTime time);
/// "Tuesday, 3 June 2025".
std::string day_text(WallTime time);
/// "2025-06-03".
std::string date_text(WallTime time);
/// "14:05".
std::string clock_text(WallTime time);

}  // namespace hubbub::tui
