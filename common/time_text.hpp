// The hub's times as text.
#pragma once

#include <string>

#include "common/time_text.hpp"

namespace hubbub {

/// By strftime(3), in the local time zone.
std::string local_time(WallTime time, const char* format);

}  // namespace hubbub
