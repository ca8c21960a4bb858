// The layers, read from the #include lines: who may include whom.
//   proto <- common <- client/link <- client/cli, client/tui        common <- server
// And the outside libraries that only one place may know.
#pragma once

#include "tests/checks/finding.hpp"

namespace hubbub::checks {

/// Every #include of `source` that its layer doesn't allow. A file outside of all layers (the tests) may include
/// anything.
Findings wrong_includes(const Source& source);

}  // namespace hubbub::checks
