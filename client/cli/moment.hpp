// Points in time as values of a command line: see common/moment.hpp.
#pragma once

#include <optional>

#include "client/cli/syntax.hpp"
#include "common/moment.hpp"

namespace hubbub::cli {

/// Counts from the time at which the word is taken.
Take store_moment(std::optional<WallTime>& moment);
Take store_moment_to_come(std::optional<WallTime>& moment);

}  // namespace hubbub::cli
