#include "client/tui/text/clusters.hpp"

#include <utf8proc.h>

#include <algorithm>

namespace hubbub::tui {

namespace {

constexpr std::int32_t emoji_presentation = 0xFE0F;  // VARIATION SELECTOR-16

}  // namespace

CodePoint code_point_at(std::string_view text, std::size_t at) {
  utf8proc_int32_t value = -1;
  const auto* bytes = reinterpret_cast<const utf8proc_uint8_t*>(text.data() + at);
  const auto taken = utf8proc_iterate(bytes, static_cast<utf8proc_ssize_t>(text.size() - at), &value);
  if (taken <= 0) return {};
  return {value, static_cast<std::size_t>(taken)};
}

std::size_t cluster_end(std::string_view text, std::size_t at) {
  auto last = code_point_at(text, at);
  at += last.bytes;
  utf8proc_int32_t state = 0;
  while (last.value >= 0 && at < text.size()) {
    const auto next = code_point_at(text, at);
    if (next.value < 0 || utf8proc_grapheme_break_stateful(last.value, next.value, &state)) break;
    at += next.bytes;
    last = next;
  }
  return at;
}

std::size_t cluster_begin(std::string_view text, std::size_t at) {
  std::size_t begin = at < 2 ? 0 : text.rfind('\n', at - 2) + 1;  // npos + 1 is 0; a line feed always ends a cluster
  while (begin < at) {
    const auto end = cluster_end(text, begin);
    if (end >= at) break;
    begin = end;
  }
  return begin;
}

int width_of(std::string_view cluster) {
  int sum = 0;
  for (std::size_t at = 0; at < cluster.size();) {
    const auto point = code_point_at(cluster, at);
    if (point.value == emoji_presentation && sum > 0) return 2;
    sum += point.value < 0 ? 1 : std::max(0, utf8proc_charwidth(point.value));
    at += point.bytes;
  }
  return std::min(sum, 2);  // a family of four is one picture, as wide as one of them
}

bool is_sure(std::string_view cluster) {
  const auto first = code_point_at(cluster, 0);
  if (first.bytes != cluster.size()) return false;  // several code points: some terminals add their widths up
  const auto in = [&](std::int32_t low, std::int32_t high) { return first.value >= low && first.value <= high; };
  return in(0x20, 0x7E) || in(0xA0, 0xAC) || in(0xAE, 0x2FF) || in(0x3041, 0x30FF) || in(0x3400, 0x4DBF) ||
         in(0x4E00, 0x9FFF) || in(0xAC00, 0xD7A3);
}

bool is_word(std::string_view cluster) {
  const auto first = code_point_at(cluster, 0);
  if (first.value < 0) return false;
  const auto category = utf8proc_category(first.value);
  return first.value == '_' || (category >= UTF8PROC_CATEGORY_LU && category <= UTF8PROC_CATEGORY_NO);
}

}  // namespace hubbub::tui
