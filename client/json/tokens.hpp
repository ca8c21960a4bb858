// The tokens of a JSON text (RFC 8259), one after the other, without changing or understanding any: numbers keep their
// digits, texts their escapes.
//   bytes --next()--> { "level" : "error" }        the first byte that can't be there --> Flaw
// Total and iterative: a megabyte of `[` takes a megabyte of memory and no stack.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace hubbub::json {

enum class TokenKind : std::uint8_t {
  open,   ///< { or [
  close,  ///< } or ]
  comma,
  colon,
  key,     ///< with its quotes
  scalar,  ///< a text with its quotes, a number, true, false or null
};

struct Token {
  TokenKind kind;
  std::string_view text;
};

class Tokens {
 public:
  /// REQUIRES: `text` outlives it.
  explicit Tokens(std::string_view text) : text_(text) {}

  /// Nothing at the end, and at a flaw.
  std::optional<Token> next();

  /// Nothing is wrong so far. True at the end: all of it is one JSON value.
  [[nodiscard]] bool is_sound() const { return wanted_.empty(); }
  /// What is wrong where, as "line 1, column 9: a colon belongs here". REQUIRES: !is_sound().
  [[nodiscard]] std::string flaw() const;
  /// What hasn't been taken; at a flaw it begins there.
  [[nodiscard]] std::string_view rest() const { return text_.substr(at_); }
  /// Brackets that are open now.
  [[nodiscard]] std::size_t depth() const { return open_.size(); }

 private:
  enum class Next : std::uint8_t { value, value_or_close, key, key_or_close, colon, comma_or_close, end };

  std::optional<Token> take(TokenKind kind, std::size_t bytes, Next next);
  std::optional<Token> take_value();
  std::optional<Token> take_key();
  std::optional<Token> take_close();
  std::optional<Token> take_comma_or_close();
  std::optional<Token> fail(std::string_view wanted);
  void skip_blanks();
  [[nodiscard]] std::size_t bytes_of_text() const;
  [[nodiscard]] std::size_t bytes_of_scalar() const;
  [[nodiscard]] Next after_value() const { return open_.empty() ? Next::end : Next::comma_or_close; }

  std::string_view text_;
  std::size_t at_ = 0;
  Next next_ = Next::value;
  std::string open_;  ///< the brackets around what comes, as they closed: ] and }
  std::string_view wanted_;
};

}  // namespace hubbub::json
