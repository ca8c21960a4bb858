// Bugs that a hub could have, to prove that they would be found.
#pragma once

#include <array>
#include <string_view>

namespace hubbub::sim {

enum class Mutant {
  none,
  acknowledges_before_commit,
  fans_out_before_commit,
  keeps_windows_in_memory_only,  ///< of publish ids that were taken
  shares_windows_between_rooms,  ///< the key is the producer without the room
  trims_producers_with_messages,
  trims_too_much,
  fences_nobody,
  fences_in_sessions_only,  ///< not in rooms, whose producers' epochs tell what was under way
  synchronizes_nothing,     ///< as with synchronous=OFF
};
inline constexpr std::array<std::string_view, 10> mutant_names = {
    "none",
    "acknowledges_before_commit",
    "fans_out_before_commit",
    "keeps_windows_in_memory_only",
    "shares_windows_between_rooms",
    "trims_producers_with_messages",
    "trims_too_much",
    "fences_nobody",
    "fences_in_sessions_only",
    "synchronizes_nothing",
};

}  // namespace hubbub::sim
