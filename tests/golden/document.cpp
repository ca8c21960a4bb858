#include "tests/golden/document.hpp"

#include <fstream>
#include <iterator>
#include <sstream>
#include <stdexcept>

namespace hubbub::golden {

std::string document() {
  std::ifstream file(HUBBUB_SOURCE_DIR "/docs/protocol.md");
  if (!file) throw std::runtime_error("docs/protocol.md can't be read");
  return {std::istreambuf_iterator<char>(file), {}};
}

std::vector<Block> blocks(const std::string& kind) {
  std::vector<Block> found;
  std::istringstream lines(document());
  bool inside = false;
  std::size_t number = 0;
  for (std::string line; std::getline(lines, line);) {
    ++number;
    if (!line.starts_with("```")) {
      if (inside) found.back().text += line + '\n';
      continue;
    }
    inside = !inside;
    std::istringstream words(line.substr(3));
    if (inside) found.push_back({{std::istream_iterator<std::string>(words), {}}, {}, number});
  }
  std::erase_if(found, [&](const Block& block) { return block.words.empty() || block.words[0] != kind; });
  return found;
}

}  // namespace hubbub::golden
