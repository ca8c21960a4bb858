// The project's own sources, read from the disk for the checks that look at all of them.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "tests/checks/finding.hpp"

namespace hubbub::checks {

/// Every .hpp and .cpp below `folders`, sorted by path. Throws where a file can't be read: a check that sees nothing
/// would find nothing.
std::vector<Source> read_sources(const std::filesystem::path& top, const std::vector<std::string>& folders);

}  // namespace hubbub::checks
