// What was sent before, for Up and Down. What was being typed waits below the newest and comes back. Pure.
#pragma once

#include <cstddef>
#include <deque>
#include <optional>
#include <string>

namespace hubbub::tui {

class History {
 public:
  static constexpr std::size_t lines_max = 1000;

  /// Remembers a line that was sent, and goes back to the bottom. The same line twice in a row is kept once.
  void add(const std::string& line);
  /// The line above; `typed` is what stands in the input line now. Nothing at the top.
  std::optional<std::string> older(const std::string& typed);
  /// The line below; at last what was being typed. Nothing at the bottom.
  std::optional<std::string> newer();
  void to_bottom() { at_ = lines_.size(); }

 private:
  std::deque<std::string> lines_;
  std::size_t at_ = 0;  ///< lines_.size() is the bottom
  std::string typed_;
};

}  // namespace hubbub::tui
