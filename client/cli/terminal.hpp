// What a command knows of its terminal, and colours for it.
#pragma once

#include <string>
#include <string_view>

namespace hubbub::cli {

bool stdin_is_terminal();
bool stdout_is_terminal();

/// Colours: on a terminal that isn't dumb, without --no-color and without NO_COLOR (https://no-color.org).
bool wants_color(bool no_color_option);

/// Columns of the terminal at stdout; 80 where there is none.
std::size_t terminal_columns();

/// Whether the user's locale is one of UTF-8 (LC_ALL, LC_CTYPE, LANG), so that more than ASCII can be shown.
bool locale_is_utf8();

namespace color {
inline constexpr std::string_view dim = "\x1b[2m";
inline constexpr std::string_view bold = "\x1b[1m";
inline constexpr std::string_view cyan = "\x1b[36m";
inline constexpr std::string_view yellow = "\x1b[33m";
inline constexpr std::string_view reset = "\x1b[0m";
}  // namespace color

/// The same colour for the same name, always.
std::string_view color_of_name(std::string_view name);

/// `text` between `code` and a reset, or as it is where `on` is false.
std::string painted(std::string_view text, std::string_view code, bool on);

}  // namespace hubbub::cli
