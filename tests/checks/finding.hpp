// What a check found wrong in a source file.
#pragma once

#include <cstddef>
#include <ostream>
#include <string>
#include <string_view>
#include <vector>

namespace hubbub::checks {

/// One source file as a check reads it.
struct Source {
  std::string path;  ///< from the top of the tree, with slashes
  std::string text;
};

struct Finding {
  std::string path;
  std::size_t line = 0;  ///< from 1
  std::string sentence;  ///< what is wrong and what to do instead

  friend std::ostream& operator<<(std::ostream& out, const Finding& finding) {
    return out << finding.path << ':' << finding.line << ": " << finding.sentence;
  }
};

using Findings = std::vector<Finding>;

}  // namespace hubbub::checks
