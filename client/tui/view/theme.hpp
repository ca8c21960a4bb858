// The colours. Everything stays readable without any: what matters is also bold, dim, reversed or written out.
#pragma once

#include <string_view>

#include "client/tui/screen.hpp"

namespace hubbub::tui::theme {

inline constexpr Style plain{};
inline constexpr Style dim{.dim = true};
inline constexpr Style bold{.bold = true};
inline constexpr Style bar{.reverse = true};
inline constexpr Style note{.fg = 6};
inline constexpr Style trouble{.fg = 1, .bold = true};
inline constexpr Style mention{.fg = 3, .bold = true};
inline constexpr Style found{.bold = true, .reverse = true};
inline constexpr Style unread{.fg = 2};
inline constexpr Style notice{.fg = 5};
inline constexpr Style key{.fg = 6};
inline constexpr Style line_mark{.fg = 6, .reverse = true};

/// The same for the same name on every screen; out of as many as the terminal can tell apart.
Style of_name(std::string_view name, int colours);

}  // namespace hubbub::tui::theme
