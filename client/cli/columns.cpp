#include "client/cli/columns.hpp"

#include <algorithm>

namespace hubbub::cli {

namespace {

std::size_t characters(const std::string& text) {
  return static_cast<std::size_t>(std::ranges::count_if(text, [](char c) { return (c & 0xc0) != 0x80; }));
}

void widen(std::vector<std::size_t>& widths, const std::vector<std::string>& row) {
  if (widths.size() < row.size()) widths.resize(row.size());
  for (std::size_t i = 0; i < row.size(); ++i) widths[i] = std::max(widths[i], characters(row[i]));
}

}  // namespace

std::string Columns::str() const {
  std::vector<std::size_t> widths;
  for (const auto& row : rows_) widen(widths, row);
  std::string text;
  for (const auto& row : rows_) {
    for (std::size_t i = 0; i < row.size(); ++i)
      text.append(row[i]).append(i + 1 < row.size() ? widths[i] + 2 - characters(row[i]) : 0, ' ');
    text.erase(text.find_last_not_of(' ') + 1);
    text += '\n';
  }
  return text;
}

}  // namespace hubbub::cli
