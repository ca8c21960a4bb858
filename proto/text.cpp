#include "proto/text.hpp"

#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>

namespace hubbub {

namespace {

bool is_token_byte(char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_' || c == '-'; }

bool is_token(std::string_view text) {
  for (const char c : text)
    if (!is_token_byte(c)) return false;
  return !text.empty();
}

/// Takes the first token off `rest`; what follows is the rest after the dot. `more` tells if there was a dot.
std::string_view take_token(std::string_view& rest, bool& more) {
  const auto dot = rest.find('.');
  const auto token = rest.substr(0, dot);
  more = dot != std::string_view::npos;
  rest = more ? rest.substr(dot + 1) : std::string_view{};
  return token;
}

bool is_dotted(std::string_view text) {
  for (bool more = true; more;)
    if (!is_token(take_token(text, more))) return false;
  return true;
}

/// Enough of an offending text to recognize it; its odd bytes as `?`, since it ends up in logs and terminals.
std::string quote(std::string_view text) {
  constexpr std::size_t shown_max = 40;
  std::string shown = "'";
  for (const char c : text.substr(0, shown_max)) shown += (c >= 0x20 && c < 0x7f) ? c : '?';
  return shown + (text.size() > shown_max ? "…'" : "'");
}

/// How many continuation bytes follow `lead`, and which range the first of them has (Unicode 15, table 3-7).
struct Utf8Lead {
  int following;
  std::uint8_t low, high;
};

Utf8Lead utf8_lead(std::uint8_t lead) {
  if (lead < 0x80) return {0, 0, 0};
  if (lead >= 0xc2 && lead <= 0xdf) return {1, 0x80, 0xbf};
  if (lead == 0xe0) return {2, 0xa0, 0xbf};
  if (lead == 0xed) return {2, 0x80, 0x9f};
  if (lead >= 0xe1 && lead <= 0xef) return {2, 0x80, 0xbf};
  if (lead == 0xf0) return {3, 0x90, 0xbf};
  if (lead >= 0xf1 && lead <= 0xf3) return {3, 0x80, 0xbf};
  if (lead == 0xf4) return {3, 0x80, 0x8f};
  return {-1, 0, 0};
}

/// How many of the first bytes are ASCII for sure: whole words of eight, looked at together. Most text is nothing else.
std::size_t ascii_words(std::string_view bytes) {
  std::size_t at = 0;
  for (std::uint64_t word; at + sizeof word <= bytes.size(); at += sizeof word) {
    std::memcpy(&word, bytes.data() + at, sizeof word);
    if ((word & 0x8080808080808080u) != 0) break;
  }
  return at;
}

}  // namespace

bool is_utf8(std::string_view bytes) {
  for (std::size_t at = 0; at < bytes.size();) {
    at += ascii_words(bytes.substr(at));
    if (at == bytes.size()) break;
    const auto [following, low, high] = utf8_lead(static_cast<std::uint8_t>(bytes[at++]));
    if (following == 0) continue;
    if (following < 0 || at + static_cast<std::size_t>(following) > bytes.size()) return false;
    const auto second = static_cast<std::uint8_t>(bytes[at++]);
    if (second < low || second > high) return false;
    for (int i = 1; i < following; ++i)
      if ((static_cast<std::uint8_t>(bytes[at++]) & 0xc0) != 0x80) return false;
  }
  return true;
}

bool is_room_name(std::string_view text) { return text.size() <= limits::room_name_bytes_max && is_dotted(text); }

bool RoomNameRule::check(std::string_view text) {
  if (text.starts_with('@')) return PersonNameRule::check(text.substr(1));
  return is_room_name(text);
}

std::string RoomNameRule::refusal(std::string_view text) {
  return quote(text) + " is not a room: 1 to 128 of a-z 0-9 _ - in words joined by dots, such as ci.main; or @person";
}

bool PatternRule::check(std::string_view text) {
  if (text.size() > bytes_max) return false;
  if (text.starts_with('@')) return text == "@*" || PersonNameRule::check(text.substr(1));
  for (bool more = true; more;) {
    const auto token = take_token(text, more);
    const bool rest_of_name = token == ">" && !more;
    if (token != "*" && !rest_of_name && !is_token(token)) return false;
  }
  return true;
}

std::string PatternRule::refusal(std::string_view text) {
  return quote(text) +
         " is not a room pattern: a room's name in which * stands for one word and a last > for one or more";
}

bool PersonNameRule::check(std::string_view text) { return text.size() <= bytes_max && is_token(text); }

std::string PersonNameRule::refusal(std::string_view text) {
  return quote(text) + " is not a person's name: 1 to 32 of a-z 0-9 _ -";
}

bool GroupNameRule::check(std::string_view text) {
  return text.empty() || (text.size() <= bytes_max && is_token(text));
}

std::string GroupNameRule::refusal(std::string_view text) {
  return quote(text) + " is not a group's name: 1 to 64 of a-z 0-9 _ -";
}

bool MethodNameRule::check(std::string_view text) { return text.size() <= bytes_max && is_dotted(text); }

std::string MethodNameRule::refusal(std::string_view text) {
  return quote(text) + " is not a method's name, such as room.join";
}

bool matches(const Pattern& pattern, const RoomName& room) {
  std::string_view wanted = pattern.str(), given = room.str();
  if (wanted.starts_with('@') || given.starts_with('@'))
    return wanted == given || (wanted == "@*" && given.starts_with('@'));
  for (bool wanted_more = true, given_more = true;;) {
    const auto token = take_token(wanted, wanted_more);
    if (token == ">") return true;
    const auto word = take_token(given, given_more);
    if (token != "*" && token != word) return false;
    if (wanted_more != given_more) return false;
    if (!wanted_more) return true;
  }
}

Result<RoomName> parse_room_argument(std::string_view text) {
  return RoomName::parse(text.starts_with('#') ? text.substr(1) : text);
}

Result<Pattern> parse_pattern_argument(std::string_view text) {
  return Pattern::parse(text.starts_with('#') ? text.substr(1) : text);
}

std::string display(const RoomName& room) { return is_direct(room) ? room.str() : '#' + room.str(); }

void die_of_bad_literal(std::string_view text) {
  std::fprintf(stderr, "hubbub: bug: %s breaks the rule of its type\n", quote(text).c_str());
  std::abort();
}

}  // namespace hubbub
