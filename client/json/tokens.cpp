#include "client/json/tokens.hpp"

#include <algorithm>

#include "proto/text.hpp"

namespace hubbub::json {

namespace {

bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_hex(char c) { return is_digit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F'); }

std::size_t count_digits(std::string_view text) {
  return static_cast<std::size_t>(std::ranges::find_if_not(text, is_digit) - text.begin());
}

/// Bytes of the escape at the beginning, which is a backslash; 0: it is none.
std::size_t bytes_of_escape(std::string_view text) {
  if (text.size() < 2) return 0;
  if (text[1] != 'u') return std::string_view("\"\\/bfnrt").find(text[1]) != std::string_view::npos ? 2 : 0;
  const auto digits = text.substr(2, 4);
  return digits.size() == 4 && std::ranges::all_of(digits, is_hex) ? 6 : 0;
}

/// Of the number at the beginning; 0: there is none. One that goes on wrongly ends before that.
std::size_t bytes_of_number(std::string_view text) {
  std::size_t at = text.starts_with('-') ? 1 : 0;
  const auto whole = text.substr(at).starts_with('0') ? 1 : count_digits(text.substr(at));
  if (whole == 0) return 0;
  at += whole;
  if (text.substr(at).starts_with('.')) {
    const auto digits = count_digits(text.substr(at + 1));
    if (digits == 0) return 0;
    at += 1 + digits;
  }
  if (at < text.size() && (text[at] == 'e' || text[at] == 'E')) {
    const bool has_sign = at + 1 < text.size() && (text[at + 1] == '+' || text[at + 1] == '-');
    const auto digits = count_digits(text.substr(std::min(at + 1 + has_sign, text.size())));
    if (digits == 0) return 0;
    at += 1 + has_sign + digits;
  }
  return at;
}

}  // namespace

std::optional<Token> Tokens::next() {
  if (!is_sound()) return std::nullopt;
  skip_blanks();
  switch (next_) {
    case Next::value: return take_value();
    case Next::value_or_close: return rest().starts_with(']') ? take_close() : take_value();
    case Next::key: return take_key();
    case Next::key_or_close: return rest().starts_with('}') ? take_close() : take_key();
    case Next::colon: return rest().starts_with(':') ? take(TokenKind::colon, 1, Next::value) : fail("a colon");
    case Next::comma_or_close: return take_comma_or_close();
    case Next::end: return at_ == text_.size() ? std::nullopt : fail("nothing more");
  }
  return std::nullopt;
}

std::optional<Token> Tokens::take(TokenKind kind, std::size_t bytes, Next next) {
  const Token token{kind, text_.substr(at_, bytes)};
  at_ += bytes;
  next_ = next;
  return token;
}

std::optional<Token> Tokens::take_value() {
  if (rest().starts_with('{')) {
    open_ += '}';
    return take(TokenKind::open, 1, Next::key_or_close);
  }
  if (rest().starts_with('[')) {
    open_ += ']';
    return take(TokenKind::open, 1, Next::value_or_close);
  }
  const auto bytes = bytes_of_scalar();
  return bytes > 0 ? take(TokenKind::scalar, bytes, after_value()) : fail("a value");
}

std::optional<Token> Tokens::take_key() {
  const auto bytes = bytes_of_text();
  return bytes > 0 ? take(TokenKind::key, bytes, Next::colon) : fail("a key in quotes");
}

std::optional<Token> Tokens::take_close() {
  open_.pop_back();
  return take(TokenKind::close, 1, after_value());
}

std::optional<Token> Tokens::take_comma_or_close() {
  const bool in_object = open_.back() == '}';
  if (rest().starts_with(open_.back())) return take_close();
  if (rest().starts_with(',')) return take(TokenKind::comma, 1, in_object ? Next::key : Next::value);
  return fail(in_object ? "a comma or }" : "a comma or ]");
}

std::optional<Token> Tokens::fail(std::string_view wanted) {
  wanted_ = wanted;
  return std::nullopt;
}

void Tokens::skip_blanks() { at_ = std::min(text_.find_first_not_of(" \t\r\n", at_), text_.size()); }

/// Of the text in quotes that begins here; 0: there is none, or not a whole one.
std::size_t Tokens::bytes_of_text() const {
  const auto text = rest();
  if (!text.starts_with('"')) return 0;
  bool is_ascii = true;
  for (std::size_t at = 1; at < text.size();) {
    const auto c = static_cast<unsigned char>(text[at]);
    if (c == '"') return is_ascii || is_utf8(text.substr(0, at)) ? at + 1 : 0;
    if (c < 0x20) return 0;
    is_ascii = is_ascii && c < 0x80;
    const auto bytes = c == '\\' ? bytes_of_escape(text.substr(at)) : 1;
    if (bytes == 0) return 0;
    at += bytes;
  }
  return 0;
}

std::size_t Tokens::bytes_of_scalar() const {
  for (const std::string_view word : {"true", "false", "null"})
    if (rest().starts_with(word)) return word.size();
  return rest().starts_with('"') ? bytes_of_text() : bytes_of_number(rest());
}

std::string Tokens::flaw() const {
  const auto before = text_.substr(0, at_);
  const auto lines = std::ranges::count(before, '\n');
  const auto line = before.substr(before.rfind('\n') + 1);  // npos + 1 is 0
  const auto columns = std::ranges::count_if(line, [](char c) { return (c & 0xc0) != 0x80; });
  return "line " + std::to_string(lines + 1) + ", column " + std::to_string(columns + 1) + ": " + std::string(wanted_) +
         " belongs here";
}

}  // namespace hubbub::json
