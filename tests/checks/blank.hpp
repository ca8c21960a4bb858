// C++ text with its comments and literals blanked out, so that a check sees only code. Positions and lines stay the
// same.
#pragma once

#include <string>
#include <string_view>

namespace hubbub::checks {

/// `text` with every byte of a comment, string or character literal as a space; newlines stay.
std::string blank_comments_and_literals(std::string_view text);

}  // namespace hubbub::checks
