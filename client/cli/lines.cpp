#include "client/cli/lines.hpp"

namespace hubbub::cli {

bool LineSplitter::take_line(std::string_view& bytes, std::string_view& line) {
  if (partial_given_) partial_.clear();
  partial_given_ = false;
  const auto end = bytes.find('\n');
  if (partial_.size() + std::min(end, bytes.size()) > line_bytes_max_) too_long_ = true;
  if (too_long_) return false;
  if (end == std::string_view::npos) {
    keep(bytes);
    return false;
  }
  line = bytes.substr(0, end);
  if (!partial_.empty()) {
    line = partial_.append(line);
    partial_given_ = true;
  }
  bytes.remove_prefix(end + 1);
  ++count_;
  return true;
}

bool LineSplitter::take_rest(std::string_view& line) {
  if (partial_given_ || partial_.empty() || too_long_) return false;
  line = partial_;
  partial_given_ = true;
  ++count_;
  return true;
}

void LineSplitter::keep(std::string_view& bytes) {
  partial_.append(bytes);
  bytes = {};
}

}  // namespace hubbub::cli
