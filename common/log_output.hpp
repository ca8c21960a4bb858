// Where finished log lines go: stderr, by the thread that logs or by one of their own. Behind log.hpp.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>

#include "common/log.hpp"

namespace hubbub::log::detail {

/// Adds the time and the frame of the format, and writes the line.
void put(Format format, const std::string& line);

/// How many lines were dropped since the start, if that has grown since the last call; else zero. Zero while the queue
/// is still crowded, too, since a line that tells of it would push out another.
std::uint64_t newly_dropped();

/// See write_in_background() and finish() in log.hpp.
void start_background();
void wait_until_written(std::chrono::milliseconds limit);

}  // namespace hubbub::log::detail
