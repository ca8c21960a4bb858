#include "common/escape.hpp"

#include <fmt/core.h>

#include <cstddef>
#include <cstdint>
#include <iterator>

namespace hubbub {

namespace {

constexpr std::uint32_t not_utf8 = 0xffffffff;
constexpr std::string_view replacement = "\xef\xbf\xbd";  // U+FFFD

struct Character {
  std::uint32_t code;      ///< not_utf8 where the bytes are none
  std::string_view bytes;  ///< at least one
};

/// What a lead byte announces: the size of its sequence (0: it leads none) and the range of the second byte, which
/// rules out surrogates, overlong forms and what lies past U+10FFFF (Unicode 15, table 3-7).
struct Lead {
  std::size_t size;
  std::uint8_t low = 0x80, high = 0xbf;
};

Lead lead_of(std::uint8_t byte) {
  if (byte < 0x80) return {1};
  if (byte < 0xc2 || byte > 0xf4) return {0};
  if (byte < 0xe0) return {2};
  if (byte < 0xf0) return {3, std::uint8_t(byte == 0xe0 ? 0xa0 : 0x80), std::uint8_t(byte == 0xed ? 0x9f : 0xbf)};
  return {4, std::uint8_t(byte == 0xf0 ? 0x90 : 0x80), std::uint8_t(byte == 0xf4 ? 0x8f : 0xbf)};
}

/// The first character of `text`; of a broken one as much as Unicode advises to replace by one U+FFFD (section 3.9).
/// REQUIRES: text isn't empty.
Character first_character(std::string_view text) {
  const auto byte = [&](std::size_t at) { return static_cast<std::uint8_t>(text[at]); };
  const Lead lead = lead_of(byte(0));
  if (lead.size == 0) return {not_utf8, text.substr(0, 1)};
  if (lead.size == 1) return {byte(0), text.substr(0, 1)};
  std::uint32_t code = byte(0) & (0xffu >> (lead.size + 1));
  for (std::size_t at = 1; at < lead.size; ++at) {
    const auto low = at == 1 ? lead.low : 0x80, high = at == 1 ? lead.high : 0xbf;
    if (at == text.size() || byte(at) < low || byte(at) > high) return {not_utf8, text.substr(0, at)};
    code = code << 6 | (byte(at) & 0x3f);
  }
  return {code, text.substr(0, lead.size)};
}

bool is_bidi_control(std::uint32_t code) {
  return code == 0x061c || code == 0x200e || code == 0x200f || (code >= 0x202a && code <= 0x202e) ||
         (code >= 0x2066 && code <= 0x2069);
}

bool is_harmful(std::uint32_t code) {
  if (code < 0x20 || (code >= 0x7f && code <= 0x9f)) return true;
  return code == 0x2028 || code == 0x2029 || is_bidi_control(code);
}

/// Printable ASCII, which nearly every text is: copied without a closer look.
std::size_t plain_prefix(std::string_view text) {
  std::size_t size = 0;
  while (size < text.size() && text[size] >= 0x20 && text[size] < 0x7f) ++size;
  return size;
}

/// Copies `text`, handing every character that isn't printable ASCII to `other(Character, out)`.
template <class Other>
std::string rewrite(std::string_view text, Other&& other) {
  std::string out;
  out.reserve(text.size());
  while (!text.empty()) {
    const auto plain = plain_prefix(text);
    out += text.substr(0, plain);
    text.remove_prefix(plain);
    if (text.empty()) break;
    const Character character = first_character(text);
    other(character, out);
    text.remove_prefix(character.bytes.size());
  }
  return out;
}

void append_visible(const Character& character, std::string& out) {
  const auto code = character.code;
  if (code == not_utf8) {
    out += replacement;
  } else if (!is_harmful(code)) {
    out += character.bytes;
  } else if (code == '\n' || code == '\r' || code == '\t') {
    out += code == '\n' ? "\\n" : code == '\r' ? "\\r" : "\\t";
  } else {
    out += code < 0x80 ? fmt::format("\\x{:02x}", code) : fmt::format("\\u{:04x}", code);
  }
}

void append_json(const Character& character, std::string& out) {
  if (character.code != not_utf8 && is_harmful(character.code) && character.code != '\n' && character.code != '\r' &&
      character.code != '\t')
    fmt::format_to(std::back_inserter(out), "\\u{:04x}", character.code);
  else
    append_visible(character, out);
}

/// `"` and `\` are printable, so that rewrite() doesn't show them.
std::string with_json_quotes(std::string text) {
  for (std::size_t at = 0; (at = text.find_first_of("\"\\", at)) != std::string::npos; at += 2)
    text.insert(at, 1, '\\');
  return text;
}

}  // namespace

std::string escape_for_terminal(std::string_view text) { return rewrite(text, append_visible); }

std::string escape_lines_for_terminal(std::string_view text) {
  return rewrite(text, [](const Character& character, std::string& out) {
    if (character.code == '\n' || character.code == '\t')
      out += character.bytes;
    else
      append_visible(character, out);
  });
}

std::string escape_for_json(std::string_view text) {
  const bool quotes = text.find_first_of("\"\\") != std::string_view::npos;
  return rewrite(quotes ? with_json_quotes(std::string(text)) : text, append_json);
}

bool is_harmless(std::string_view text) {
  while (!text.empty()) {
    text.remove_prefix(plain_prefix(text));
    if (text.empty()) break;
    const Character character = first_character(text);
    if (character.code == not_utf8 || is_harmful(character.code)) return false;
    text.remove_prefix(character.bytes.size());
  }
  return true;
}

}  // namespace hubbub
