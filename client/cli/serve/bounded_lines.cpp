#include "client/cli/serve/bounded_lines.hpp"

#include <utility>

namespace hubbub::cli {

void BoundedLines::append(std::string_view bytes, const Line& line) {
  while (true) {
    const auto end = bytes.find('\n');
    if (end == std::string_view::npos) return keep(bytes, line);
    const auto part = bytes.substr(0, end);
    bytes.remove_prefix(end + 1);
    if (partial_.empty() && !skips_ && part.size() <= line_bytes_max_) {
      line(part, false);
      continue;
    }
    keep(part, line);
    if (!std::exchange(skips_, false)) line(partial_, false);
    partial_.clear();
  }
}

void BoundedLines::keep(std::string_view part, const Line& line) {
  if (skips_) return;
  skips_ = partial_.size() + part.size() > line_bytes_max_;
  partial_ += part.substr(0, line_bytes_max_ - partial_.size());
  if (!skips_) return;
  line(partial_, true);
  partial_.clear();
}

void BoundedLines::finish(const Line& line) {
  if (!partial_.empty()) line(partial_, false);
  partial_.clear();
  skips_ = false;
}

}  // namespace hubbub::cli
