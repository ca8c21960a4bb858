// Checked texts against their definitions, the slow way; and refusals that are safe to show.
#include "proto/text.hpp"

#include <string>
#include <vector>

#include "tests/fuzz/target.hpp"

namespace {

using namespace hubbub;
using fuzz::promise;

/// Decodes each character and looks at what came out.
bool is_utf8_by_definition(std::string_view bytes) {
  for (std::size_t at = 0; at < bytes.size();) {
    const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(bytes[i]); };
    const unsigned lead = byte(at);
    const std::size_t size = lead < 0x80 ? 1 : lead >> 5 == 6 ? 2 : lead >> 4 == 14 ? 3 : lead >> 3 == 30 ? 4 : 0;
    if (size == 0 || at + size > bytes.size()) return false;
    char32_t point = size == 1 ? lead : lead & (0x7fu >> size);
    for (std::size_t i = 1; i < size; ++i) {
      if (byte(at + i) >> 6 != 2) return false;
      point = point << 6 | (byte(at + i) & 0x3f);
    }
    const std::size_t shortest = point < 0x80 ? 1 : point < 0x800 ? 2 : point < 0x10000 ? 3 : 4;
    if (size != shortest || point > 0x10ffff || (point >= 0xd800 && point <= 0xdfff)) return false;
    at += size;
  }
  return true;
}

std::vector<std::string> tokens(std::string_view text) {
  std::vector<std::string> found(1);
  for (const char c : text) {
    if (c == '.')
      found.emplace_back();
    else
      found.back() += c;
  }
  return found;
}

bool matches_by_definition(const std::string& pattern, const std::string& room) {
  if (pattern[0] == '@' || room[0] == '@') return pattern == room || (pattern == "@*" && room[0] == '@');
  const auto wanted = tokens(pattern), given = tokens(room);
  for (std::size_t at = 0; at < wanted.size(); ++at) {
    if (at >= given.size()) return false;
    if (wanted[at] == ">") return true;
    if (wanted[at] != "*" && wanted[at] != given[at]) return false;
  }
  return wanted.size() == given.size();
}

template <class Text>
void parse(std::string_view text) {
  const auto parsed = Text::parse(text);
  if (parsed) {
    promise(parsed->str() == text, "a checked text is the text");
    return;
  }
  const auto& sentence = parsed.error().sentence;
  promise(is_utf8(sentence) && sentence.size() < 300, "a refusal is short and UTF-8");
  for (const char c : sentence) promise(static_cast<unsigned char>(c) >= 0x20 && c != 0x7f, "a refusal is harmless");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto text = fuzz::view(data, size);
  promise(is_utf8(text) == is_utf8_by_definition(text), "UTF-8 is what the RFC says");
  parse<RoomName>(text);
  parse<Pattern>(text);
  parse<PersonName>(text);
  parse<GroupName>(text);
  parse<MethodName>(text);
  parse<Topic>(text);
  const auto half = text.find(' ');
  if (half == std::string_view::npos) return 0;
  const auto pattern = parse_pattern_argument(text.substr(0, half));
  const auto room = parse_room_argument(text.substr(half + 1));
  if (pattern && room)
    promise(matches(*pattern, *room) == matches_by_definition(pattern->str(), room->str()),
            "a pattern matches token by token");
  if (room) promise(Pattern::parse(room->str()).has_value(), "every room's name is a pattern");
  return 0;
}
