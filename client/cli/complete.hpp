// What could come next on an unfinished command line.
//   {"pub", "ci"} --complete--> candidates, and what only the hub or the file system knows
// Pure: made from the table of commands and their Syntax alone.
#pragma once

#include <string>
#include <vector>

#include "client/cli/syntax.hpp"

namespace hubbub::cli {

struct Candidate {
  std::string word;
  std::string help;
  bool operator==(const Candidate&) const = default;
};

struct Completion {
  std::vector<Candidate> candidates;  ///< all begin with the last word
  Hint ask = Hint::none;              ///< file, program, room or person: to be added by who can
  std::string hub;                    ///< --hub, if the line says it
};

/// `words` come after the program's name; the last one is what is being typed, and may be empty.
Completion complete(const std::vector<std::string>& words);

}  // namespace hubbub::cli
