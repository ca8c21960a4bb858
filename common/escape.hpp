// Makes text from outside harmless to look at: what a stranger wrote never moves a cursor, rings, turns the writing
// direction round or starts a line of its own in a log.
//   bytes --escape--> well-formed UTF-8 without control characters
//
// What is escaped: C0, DEL and C1 controls (ESC among them), the line and paragraph separators, the controls of the
// bidirectional algorithm (UAX #9; see "Trojan Source", CVE-2021-42574). Bytes that are not UTF-8 become U+FFFD.
// Letters of every script, combining marks and emoji with their joiners stay as they are.
#pragma once

#include <string>
#include <string_view>

namespace hubbub {

/// One line for a terminal or a text log: ESC becomes `\x1b`, a newline `\n`, U+202E `\u202e`.
/// To look at, not to decode: a backslash stays as it is.
std::string escape_for_terminal(std::string_view text);

/// The same, but newlines and tabs stay: for a body that may have several lines.
std::string escape_lines_for_terminal(std::string_view text);

/// The inside of a JSON string (RFC 8259), without the quotes around it: decodes to the well-formed part of the text,
/// and is harmless on a terminal before that.
std::string escape_for_json(std::string_view text);

/// True if the text is the same after escape_for_terminal().
bool is_harmless(std::string_view text);

}  // namespace hubbub
