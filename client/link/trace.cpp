#include "client/link/trace.hpp"

#include <algorithm>
#include <charconv>

#include "common/clock.hpp"
#include "proto/limits.hpp"

namespace hubbub::link {

namespace {

/// "agent>tcp@1767225600000000000"
std::string text_of(const Stamp& stamp) {
  return stamp.hop + static_cast<char>(stamp.side) + stamp.by + '@' + std::to_string(stamp.time.ns);
}

bool parse(std::string_view word, Stamp& stamp) {
  const auto side = word.find_first_of("<>"), at = word.find('@');
  if (side == 0 || side == word.npos || at == word.npos || at < side + 2) return false;
  const auto* const end = word.data() + word.size();
  const auto [last, error] = std::from_chars(word.data() + at + 1, end, stamp.time.ns);
  stamp.hop = word.substr(0, side);
  stamp.side = static_cast<Stamp::Side>(word[side]);
  stamp.by = word.substr(side + 1, at - side - 1);
  return error == std::errc() && last == end;
}

bool has_room(const proto::Headers& headers, std::size_t more) {
  std::size_t bytes = more;
  for (const auto& header : headers.list) bytes += 3 + header.key.size() + header.value.size();
  return headers.list.size() < limits::headers_max && bytes <= limits::headers_bytes_max;
}

}  // namespace

void add_stamp(proto::Headers& headers, const Stamp& stamp) {
  auto text = text_of(stamp);
  if (!has_room(headers, 3 + trace_header.size() + 1 + text.size())) return;
  const auto found = std::ranges::find(headers.list, trace_header, &proto::Header::key);
  if (found == headers.list.end())
    headers.list.push_back({std::string(trace_header), std::move(text)});
  else
    found->value.append(" ").append(text);
}

std::vector<Stamp> stamps_of(const proto::Headers& headers) {
  std::vector<Stamp> stamps;
  const auto found = std::ranges::find(headers.list, trace_header, &proto::Header::key);
  std::string_view rest = found == headers.list.end() ? std::string_view() : found->value;
  while (!rest.empty()) {
    const auto word = rest.substr(0, rest.find(' '));
    rest.remove_prefix(std::min(rest.size(), word.size() + 1));
    if (Stamp stamp; parse(word, stamp)) stamps.push_back(std::move(stamp));
  }
  return stamps;
}

WallTime stamp_time() { return SystemClock().wall_now(); }

}  // namespace hubbub::link
