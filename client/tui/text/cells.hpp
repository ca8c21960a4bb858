// Text from anybody into cells that can do no harm.
//   bytes --cells_of--> Run --wrap--> lines
//
// What a terminal would obey, or what would reorder or hide what others see, is shown in reverse as what it is: ^[ for
// an escape, <202E> for a bidi override. What is not UTF-8 and what Unicode has not assigned becomes U+FFFD. Pure.
#pragma once

#include <string_view>
#include <vector>

#include "client/tui/screen.hpp"

namespace hubbub::tui {

/// One line of text: a tab goes to the next multiple of eight; a line feed is shown as ^J.
/// A combining mark without a base stands on a dotted circle.
Run cells_of(std::string_view text, const Style& style = {});

/// The lines of a text: at LF or CR LF. An empty text is one empty line; a last line feed begins no new line.
std::vector<std::string_view> lines_of(std::string_view text);

/// Breaks a run into lines, the first of at most `first` columns and the others of at most `rest`: at blanks, within a
/// word where one word is longer. The blanks at a break are dropped. Widths below 2 are taken as 2.
std::vector<Run> wrap(const Run& run, int first, int rest);

/// The run, or its beginning and an ellipsis, in at most `width` columns.
Run shorten(const Run& run, int width);

/// Appends `more` to `run`.
void append(Run& run, const Run& more);
inline void append(Run& run, std::string_view text, const Style& style = {}) { append(run, cells_of(text, style)); }

}  // namespace hubbub::tui
