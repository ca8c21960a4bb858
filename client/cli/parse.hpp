// Words of the command line → values, by a Syntax.
//   words --parse_leading--> global options before the command's name, and the rest
//   words --parse_words--> everything after it
// CLI11 does the work, in parse.cpp alone. A failure's sentence is a usage error's.
#pragma once

#include <string>
#include <vector>

#include "client/cli/syntax.hpp"

namespace hubbub::cli {

using Words = std::vector<std::string>;

/// Takes options off the front. Returns what begins with the first operand.
Result<Words> parse_leading(const Syntax& syntax, Words words);

/// Takes every word. Operands and options may mix; after `--` all are operands, or all one operand's
/// that is behind_dashes. `help_wanted` is looked at after the
/// options were taken: where it is set, missing operands are forgiven.
Result<void> parse_words(const Syntax& syntax, Words words, const bool& help_wanted);

}  // namespace hubbub::cli
