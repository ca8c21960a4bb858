// A message that a queue group couldn't handle is kept in the room `<room>.dead`: as it was, with headers that say what
// became of it. The hub vouches for them (flags::by_hub).
//   dead-room, dead-seq   where it was said           dead-from   by whom; the copy's own sender had it last
//   dead-group            whose members tried         dead-attempts   how often
//   dead-reason           why the last one failed     dead-stderr     what it wrote last
//   dead-cut              so many of its own headers found no place beside these
// Its own marks (proto/marks.hpp) are in it as original-ttl, original-key and so on, where they mean nothing.
#pragma once

#include <string_view>

namespace hubbub::proto {

/// Of the room that keeps the dead of another: behind that one's name.
inline constexpr std::string_view dead_suffix = ".dead";

namespace dead_header {
inline constexpr std::string_view prefix = "dead-";
inline constexpr std::string_view room = "dead-room", seq = "dead-seq", from = "dead-from", group = "dead-group",
                                  attempts = "dead-attempts", reason = "dead-reason", error = "dead-stderr",
                                  cut = "dead-cut";
}  // namespace dead_header

/// Before the name of a mark that the message itself had.
inline constexpr std::string_view renamed_prefix = "original-";

/// Of a message that was taken back from the dead and said again: its number there.
inline constexpr std::string_view retried_header = "retried-from";

}  // namespace hubbub::proto
