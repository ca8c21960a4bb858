#include "client/agent/tree_line.hpp"

#include <algorithm>

#include "common/escape.hpp"
#include "common/time_text.hpp"

namespace hubbub::agent {

namespace {

std::string shown(const PersonName& name, bool verified) { return verified ? name.str() : '~' + name.str(); }

/// At most `size` bytes of it, and no character in halves.
std::string_view first_bytes(std::string_view text, std::size_t size) {
  if (size >= text.size()) return text;
  while (size > 0 && (text[size] & 0xc0) == 0x80) --size;
  return text.substr(0, size);
}

}  // namespace

TreeLine tree_line(const link::Message& message, std::size_t bytes_max) {
  TreeLine line;
  line.text = std::to_string(message.seq.value) + ' ';
  append_rfc3339(message.time, 3, line.text);
  line.text.append(" ").append(shown(message.from, message.verified)).append(" ");
  if (message.erased) {
    line.text += "(erased)\n";
    return line;
  }
  const auto seen = first_bytes(message.body, bytes_max);
  auto body = escape_for_terminal(seen);
  line.is_whole = seen.size() == message.body.size() && line.text.size() + body.size() < bytes_max;
  if (!line.is_whole) {
    const auto instead = "… (" + std::to_string(message.body.size()) + " bytes)";
    body = std::string(first_bytes(body, bytes_max - line.text.size() - instead.size() - 1)) + instead;
  }
  line.text += body;
  line.text += '\n';
  return line;
}

std::string tree_remark(const std::string& text) { return "-- " + text + '\n'; }

std::string tree_members(std::span<const proto::Person> people) {
  std::string text;
  for (const auto& person : people) {
    text.append(shown(person.name, person.verified)).append(" ");
    text.append(proto::presence_names[std::min<std::size_t>(static_cast<std::size_t>(person.presence), 2)]);
    if (!person.away.empty()) text.append(" ").append(escape_for_terminal(person.away.str()));
    text += '\n';
  }
  return text;
}

}  // namespace hubbub::agent
