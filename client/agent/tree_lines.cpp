#include "client/agent/tree_lines.hpp"

#include <utility>

namespace hubbub::agent {

bool TreeLines::take(std::string_view& bytes, Line& line) {
  given_ = {};
  const auto newline = bytes.find('\n');
  const auto part = bytes.substr(0, newline);
  const bool is_whole = newline != std::string_view::npos;
  bytes.remove_prefix(is_whole ? newline + 1 : bytes.size());
  if (is_whole && bytes_ == 0 && part.size() <= line_bytes_max_) {
    line = {part, part.size(), false};
    return true;
  }
  keep(part);
  if (is_whole) line = end();
  return is_whole;
}

bool TreeLines::finish(Line& line) {
  given_ = {};
  if (!has_unfinished()) return false;
  line = end();
  return true;
}

void TreeLines::keep(std::string_view bytes) {
  bytes_ += bytes.size();
  if (bytes_ > line_bytes_max_)
    kept_ = {};
  else
    kept_ += bytes;
}

TreeLines::Line TreeLines::end() {
  const auto bytes = std::exchange(bytes_, 0);
  given_ = std::exchange(kept_, {});
  return {given_, bytes, bytes > line_bytes_max_};
}

}  // namespace hubbub::agent
