// Rows of words as aligned columns; the last one is as long as it likes.
#pragma once

#include <string>
#include <vector>

namespace hubbub::cli {

class Columns {
 public:
  void add(std::vector<std::string> row) { rows_.push_back(std::move(row)); }
  /// Two spaces between columns, no spaces at the end of a line. Measures characters, not bytes.
  [[nodiscard]] std::string str() const;

 private:
  std::vector<std::vector<std::string>> rows_;
};

}  // namespace hubbub::cli
