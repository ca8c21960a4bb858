#include "client/tui/input/history.hpp"

#include <algorithm>
#include <utility>

#include "client/tui/text/fold.hpp"

namespace hubbub::tui {

void History::add(const std::string& line) {
  if (!line.empty() && (lines_.empty() || lines_.back() != line)) lines_.push_back(line);
  if (lines_.size() <= lines_max) return;
  lines_.pop_front();
  ++forgotten_;
}

std::optional<std::string> History::older(HistoryPlace& place, const std::string& typed) const {
  const auto here = place.line.value_or(end());
  if (here <= begin()) return std::nullopt;
  if (!place.line) place.typed = typed;
  place.line = here - 1;
  return line(*place.line);
}

std::optional<std::string> History::newer(HistoryPlace& place) const {
  if (!place.line) return std::nullopt;
  place.line = std::max(*place.line + 1, begin());
  if (*place.line < end()) return line(*place.line);
  return std::exchange(place, {}).typed;
}

std::optional<std::uint64_t> History::find_before(std::string_view text, std::uint64_t end) const {
  const auto folded = lower(text);
  for (auto number = end; number > begin();)
    if (has(--number, folded)) return number;
  return std::nullopt;
}

std::optional<std::uint64_t> History::find_from(std::string_view text, std::uint64_t begin) const {
  const auto folded = lower(text);
  for (auto number = begin; number < end(); ++number)
    if (has(number, folded)) return number;
  return std::nullopt;
}

bool History::has(std::uint64_t number, const std::string& folded) const {
  const auto& text = line(number);
  const auto same = [](char a, char b) { return lower(a) == b; };
  return std::search(text.begin(), text.end(), folded.begin(), folded.end(), same) != text.end();
}

}  // namespace hubbub::tui
