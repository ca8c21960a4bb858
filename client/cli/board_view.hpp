// What stands on the board, as people, scripts and status bars want it.
//   BoardState --only("ops")--> less of it --board_table | board_json | board_waybar | board_tmux--> text
// Pure. Texts from the board are never believed to be harmless.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "client/agent/board.h"
#include "proto/ids.hpp"

namespace hubbub::cli {

/// One look at the board.
struct BoardState {
  hubbub_summary summary{};
  std::uint64_t agent_pid = 0;
  std::vector<hubbub_person> people;  ///< by name
  std::vector<hubbub_room> rooms;     ///< by name
};

/// `what`: `ops`; or `@alice`, she herself and the conversation with her. Totals are of what is left. Nothing if
/// neither is on the board.
std::optional<BoardState> only(const BoardState& state, std::string_view what);

/// Who is here and where something is unread; with `all` also who isn't and where nothing is.
std::string board_table(const BoardState& state, WallTime now, bool all);
/// One object and a newline.
std::string board_json(const BoardState& state);
/// As waybar-custom(5) wants it, one object and a newline: text (how much is unread, empty for nothing, which hides the
/// module), tooltip, and class and alt: mention, unread, read; or connecting, offline.
std::string board_waybar(const BoardState& state);
/// `3 unread, 1 mention`, an empty line for nothing, with `offline` or `connecting` before it. No character that means
/// anything to tmux.
std::string board_tmux(const BoardState& state);

/// While there is no agent; `why` is for a person. board_tmux has nothing to say then.
std::string board_json_gone(std::string_view why);
std::string board_waybar_gone(std::string_view why);

}  // namespace hubbub::cli
