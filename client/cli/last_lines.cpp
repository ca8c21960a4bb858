#include "client/cli/last_lines.hpp"

#include <algorithm>

#include "common/escape.hpp"

namespace hubbub::cli {

namespace {

constexpr auto nowhere = std::string_view::npos;

/// What a terminal shows of a line once all of it is written.
std::string_view seen_of(std::string_view line) {
  while (line.ends_with('\r')) line.remove_suffix(1);
  const auto back = line.rfind('\r');
  return back == nowhere ? line : line.substr(back + 1);
}

/// Takes the last line off the end of `text`, and the newline before it; nothing is left before the first one.
std::string_view take_last_line(std::string_view& text) {
  const auto newline = text.rfind('\n');
  const auto line = newline == nowhere ? text : text.substr(newline + 1);
  text = newline == nowhere ? std::string_view() : text.substr(0, newline);
  return line;
}

/// Without the rest of a character whose beginning is missing.
std::string_view from_whole_character(std::string_view text) {
  while (!text.empty() && (text.front() & 0xc0) == 0x80) text.remove_prefix(1);
  return text;
}

}  // namespace

void LastLines::append(std::string_view bytes) {
  if (bytes.size() >= bytes_max) {
    cut_ = cut_ || !end_.empty() || bytes.size() > bytes_max;
    end_ = bytes.substr(bytes.size() - bytes_max);
    return;
  }
  end_ += bytes;
  if (end_.size() <= 2 * bytes_max) return;
  end_.erase(0, end_.size() - bytes_max);
  cut_ = true;
}

std::string LastLines::text(std::size_t lines_max) const {
  auto left = std::string_view(end_).substr(end_.size() - std::min(end_.size(), bytes_max));
  const bool cut = cut_ || left.size() < end_.size();
  if (left.ends_with('\n')) left.remove_suffix(1);
  std::string text;
  for (std::size_t lines = 0; lines < lines_max && !left.empty(); ++lines) {
    const bool is_first = left.find('\n') == nowhere;
    const auto line = take_last_line(left);
    const auto seen = seen_of(line);
    const bool is_cut = is_first && cut && seen.data() == line.data();
    auto shown = is_cut ? "…" + escape_lines_for_terminal(from_whole_character(seen)) : escape_lines_for_terminal(seen);
    text.insert(0, lines == 0 ? shown : std::move(shown) + "\n");
  }
  return text;
}

}  // namespace hubbub::cli
