// What was sent before, for Up, Down and Ctrl+R. The lines are everybody's: each input line has a place of its own
// among them. Pure.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <string_view>

namespace hubbub::tui {

/// Where one input line stands in the history.
struct HistoryPlace {
  std::optional<std::uint64_t> line;  ///< by its number; nothing: below the newest
  std::string typed;                  ///< what was being typed waits there, and comes back
};

class History {
 public:
  static constexpr std::size_t lines_max = 1000;

  /// Remembers a line that was sent. The same line twice in a row is kept once.
  void add(const std::string& line);
  /// Goes to the line above; `typed` is what stands in the input line now. Nothing at the top.
  std::optional<std::string> older(HistoryPlace& place, const std::string& typed) const;
  /// Goes to the line below; at last to what was being typed. Nothing at the bottom.
  std::optional<std::string> newer(HistoryPlace& place) const;

  /// Lines are numbered from the first on; they keep their numbers when the oldest are forgotten.
  [[nodiscard]] std::uint64_t begin() const { return forgotten_; }
  [[nodiscard]] std::uint64_t end() const { return forgotten_ + lines_.size(); }
  /// REQUIRES: begin() <= number < end().
  [[nodiscard]] const std::string& line(std::uint64_t number) const { return lines_[number - forgotten_]; }
  /// The newest line before number `end`, or the oldest from `begin` on, that has `text` in it, in whatever case.
  [[nodiscard]] std::optional<std::uint64_t> find_before(std::string_view text, std::uint64_t end) const;
  [[nodiscard]] std::optional<std::uint64_t> find_from(std::string_view text, std::uint64_t begin) const;

 private:
  [[nodiscard]] bool has(std::uint64_t number, const std::string& folded) const;

  std::deque<std::string> lines_;
  std::uint64_t forgotten_ = 0;
};

}  // namespace hubbub::tui
