#include "client/tui/text/cells.hpp"

#include <utf8proc.h>

#include <algorithm>
#include <array>
#include <cstdio>

#include "client/tui/text/clusters.hpp"

namespace hubbub::tui {

namespace {

constexpr std::size_t tab_columns = 8;

// Longer than any emoji that is in use (a couple with skin tones has ten); more is somebody piling up marks.
constexpr int cluster_points_max = 12;
constexpr int cluster_marks_max = 4;

constexpr std::int32_t zero_width_non_joiner = 0x200C;
constexpr std::int32_t zero_width_joiner = 0x200D;
constexpr std::int32_t black_flag = 0x1F3F4;

bool is_tag(std::int32_t point) { return point >= 0xE0020 && point <= 0xE007F; }

// Format characters that belong inside a cluster: joiners, and the letters of a flag.
bool is_welcome_format(std::int32_t point, std::int32_t base) {
  if (base < 0) return false;
  return point == zero_width_joiner || point == zero_width_non_joiner || (is_tag(point) && base == black_flag);
}

enum class Shape { plain, mark, visible_code, replacement };

Shape shape_of(std::int32_t point, std::int32_t base) {
  if (point < 0) return Shape::replacement;
  switch (utf8proc_category(point)) {
    case UTF8PROC_CATEGORY_CC:
    case UTF8PROC_CATEGORY_ZL:
    case UTF8PROC_CATEGORY_ZP: return Shape::visible_code;
    case UTF8PROC_CATEGORY_CF: return is_welcome_format(point, base) ? Shape::plain : Shape::visible_code;
    case UTF8PROC_CATEGORY_CN:
    case UTF8PROC_CATEGORY_CS: return Shape::replacement;
    case UTF8PROC_CATEGORY_MN:
    case UTF8PROC_CATEGORY_ME: return Shape::mark;
    default: return Shape::plain;
  }
}

std::string code_of(std::int32_t point) {
  if (point < 0x20) return {'^', static_cast<char>('@' + point)};
  if (point == 0x7F) return "^?";
  std::array<char, 12> text{};
  std::snprintf(text.data(), text.size(), "<%02X>", static_cast<unsigned>(point));
  return text.data();
}

class CellWriter {
 public:
  CellWriter(Run& run, const Style& style) : run_(run), style_(style), odd_(style) { odd_.reverse = !odd_.reverse; }

  void cluster(std::string_view bytes) {
    if (bytes == "\t") return tab();
    std::string shown;
    std::int32_t base = -1;
    int points = 0, marks = 0;
    for (std::size_t at = 0; at < bytes.size();) {
      const auto point = code_point_at(bytes, at);
      const auto piece = bytes.substr(at, point.bytes);
      at += point.bytes;
      const auto shape = shape_of(point.value, base);
      if (shape == Shape::visible_code) {
        flush(shown);
        for (const char c : code_of(point.value)) add({std::string(1, c), 1, odd_});
      } else if (shape == Shape::replacement) {
        flush(shown);
        add({"\uFFFD", 1, odd_});
      } else if (++points <= cluster_points_max && (shape != Shape::mark || ++marks <= cluster_marks_max)) {
        shown += piece;
        if (base < 0) base = point.value;
      }
    }
    flush(shown);
  }

 private:
  void add(Cell cell) {
    columns_ += cell.width;
    run_.push_back(std::move(cell));
  }

  void tab() {
    do add({" ", 1, style_});
    while (columns_ % tab_columns != 0);
  }

  void flush(std::string& shown) {
    if (shown.empty()) return;
    auto width = tui::width_of(std::string_view(shown));
    if (width == 0) {
      shown.insert(0, "\u25CC");
      width = tui::width_of(std::string_view(shown));
    }
    add({std::move(shown), static_cast<std::uint8_t>(width), style_});
    shown.clear();
  }

  Run& run_;
  Style style_;
  Style odd_;
  std::size_t columns_ = 0;
};

bool is_blank(const Cell& cell) { return cell.text == " "; }

// How much of the run from `at` fits into `width`, up to a good place to break.
std::size_t line_end(const Run& run, std::size_t at, int width) {
  std::size_t good = at, end = at;
  bool word = false;  // a line of nothing but the blanks before a long word is no line
  for (int used = 0; end < run.size() && used + run[end].width <= width; ++end) {
    used += run[end].width;
    word |= !is_blank(run[end]);
    if (word && is_blank(run[end])) good = end + 1;
  }
  if (end == run.size() || is_blank(run[end])) return end;
  return good > at ? good : end;
}

}  // namespace

Run cells_of(std::string_view text, const Style& style) {
  Run run;
  run.reserve(text.size());
  CellWriter writer(run, style);
  for (std::size_t at = 0; at < text.size();) {
    const auto end = cluster_end(text, at);
    writer.cluster(text.substr(at, end - at));
    at = end;
  }
  return run;
}

std::vector<std::string_view> lines_of(std::string_view text) {
  std::vector<std::string_view> lines;
  while (true) {
    const auto end = text.find('\n');
    auto line = text.substr(0, end);
    if (end != std::string_view::npos && line.ends_with('\r')) line.remove_suffix(1);
    lines.push_back(line);
    if (end == std::string_view::npos || end + 1 == text.size()) return lines;
    text.remove_prefix(end + 1);
  }
}

std::vector<Run> wrap(const Run& run, int first, int rest) {
  std::vector<Run> lines;
  std::size_t at = 0;
  do {
    const auto end = line_end(run, at, std::max(lines.empty() ? first : rest, 2));
    auto shown = end;
    if (end < run.size())
      while (shown > at && is_blank(run[shown - 1])) --shown;
    lines.emplace_back(run.begin() + static_cast<std::ptrdiff_t>(at), run.begin() + static_cast<std::ptrdiff_t>(shown));
    at = end;
    while (at < run.size() && is_blank(run[at])) ++at;
  } while (at < run.size());
  return lines;
}

Run shorten(const Run& run, int width) {
  if (width_of(run) <= width) return run;
  Run shown;
  int used = 1;
  for (const auto& cell : run) {
    if (used + cell.width > width) break;
    used += cell.width;
    shown.push_back(cell);
  }
  if (width > 0) shown.push_back({"…", 1, run.empty() ? Style{} : run.front().style});
  return shown;
}

void append(Run& run, const Run& more) { run.insert(run.end(), more.begin(), more.end()); }

}  // namespace hubbub::tui
