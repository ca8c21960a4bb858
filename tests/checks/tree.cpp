#include "tests/checks/tree.hpp"

#include <algorithm>
#include <fstream>
#include <iterator>

namespace hubbub::checks {

namespace {

std::string read_text(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  file.exceptions(std::ios::badbit | std::ios::failbit);
  return {std::istreambuf_iterator<char>(file), {}};
}

bool is_source(const std::filesystem::path& path) { return path.extension() == ".hpp" || path.extension() == ".cpp"; }

}  // namespace

std::vector<Source> read_sources(const std::filesystem::path& top, const std::vector<std::string>& folders) {
  std::vector<Source> sources;
  for (const auto& folder : folders) {
    for (const auto& entry : std::filesystem::recursive_directory_iterator(top / folder)) {
      if (!entry.is_regular_file() || !is_source(entry.path())) continue;
      sources.push_back({entry.path().lexically_relative(top).generic_string(), read_text(entry.path())});
    }
  }
  std::ranges::sort(sources, {}, &Source::path);
  return sources;
}

}  // namespace hubbub::checks
