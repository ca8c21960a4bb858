#include "client/cli/moment.hpp"

#include "common/clock.hpp"

namespace hubbub::cli {

namespace {

template <class Parse>
Take store_parsed(std::optional<WallTime>& moment, Parse parse) {
  return [&moment, parse](std::string_view word) -> Result<void> {
    const auto parsed = parse(word, SystemClock().wall_now());
    if (!parsed) return tl::unexpected(parsed.error());
    moment = *parsed;
    return {};
  };
}

}  // namespace

Take store_moment(std::optional<WallTime>& moment) { return store_parsed(moment, parse_moment); }

Take store_moment_to_come(std::optional<WallTime>& moment) { return store_parsed(moment, parse_moment_to_come); }

}  // namespace hubbub::cli
