// Words of a command line as one text.
#pragma once

#include <string>
#include <vector>

namespace hubbub::cli {

inline std::string joined(const std::vector<std::string>& words) {
  std::string text;
  for (const auto& word : words) text.append(text.empty() ? "" : " ").append(word);
  return text;
}

}  // namespace hubbub::cli
