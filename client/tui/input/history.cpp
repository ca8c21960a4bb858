#include "client/tui/input/history.hpp"

namespace hubbub::tui {

void History::add(const std::string& line) {
  if (!line.empty() && (lines_.empty() || lines_.back() != line)) lines_.push_back(line);
  if (lines_.size() > lines_max) lines_.pop_front();
  to_bottom();
}

std::optional<std::string> History::older(const std::string& typed) {
  if (at_ == 0) return std::nullopt;
  if (at_ == lines_.size()) typed_ = typed;
  return lines_[--at_];
}

std::optional<std::string> History::newer() {
  if (at_ >= lines_.size()) return std::nullopt;
  return ++at_ == lines_.size() ? typed_ : lines_[at_];
}

}  // namespace hubbub::tui
