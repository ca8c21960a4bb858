// Checked text: a value of one of these types is known to be well-formed, because there is no other way to make one.
//   bytes from outside --parse--> RoomName | Pattern | PersonName | … --> everything else
#pragma once

#include <compare>
#include <cstddef>
#include <functional>
#include <string>
#include <string_view>
#include <utility>

#include "proto/limits.hpp"
#include "proto/status.hpp"

namespace hubbub {

/// True if `bytes` are well-formed UTF-8 (RFC 3629: no surrogates, no overlong forms, at most U+10FFFF). Linear.
bool is_utf8(std::string_view bytes);

/// True for a room's own name: 1 to 128 bytes, tokens of [a-z0-9_-] joined by single dots.
bool is_room_name(std::string_view text);

/// A text whose check is `Rule::check`. Compares, hashes and prints as its text; never empty unless the rule allows it.
template <class Rule>
class Checked {
 public:
  Checked() =
      default;  ///< Only as the target of a decoder or an assignment: empty, which no rule but Optional accepts.

  /// Fails with invalid_argument and a sentence that names the rule.
  static Result<Checked> parse(std::string_view text) {
    if (!Rule::check(text)) return fail(Status::invalid_argument, Rule::refusal(text));
    return Checked(std::string(text));
  }
  /// For text that the program itself wrote. REQUIRES: Rule::check(text).
  static Checked literal(std::string_view text);

  [[nodiscard]] const std::string& str() const { return text_; }
  [[nodiscard]] bool empty() const { return text_.empty(); }
  auto operator<=>(const Checked&) const = default;

 private:
  explicit Checked(std::string text) : text_(std::move(text)) {}
  std::string text_;
};

[[noreturn]] void die_of_bad_literal(std::string_view text);  // a bug of ours: says which and aborts

template <class Rule>
Checked<Rule> Checked<Rule>::literal(std::string_view text) {
  if (!Rule::check(text)) die_of_bad_literal(text);
  return Checked(std::string(text));
}

struct RoomNameRule {
  static constexpr std::size_t bytes_max = limits::room_name_bytes_max;
  /// `lobby`, `ci.main`; or `@alice`, the direct conversation with alice.
  static bool check(std::string_view text);
  static std::string refusal(std::string_view text);
};
struct PatternRule {
  static constexpr std::size_t bytes_max = limits::room_name_bytes_max;
  /// A room name in which `*` stands for one token and a last `>` for one or more. `@alice` is a pattern too, and `@*`
  /// stands for every direct conversation of the caller; no other pattern matches those.
  static bool check(std::string_view text);
  static std::string refusal(std::string_view text);
};
struct PersonNameRule {
  static constexpr std::size_t bytes_max = limits::person_name_bytes_max;
  /// 1 to 32 bytes of [a-z0-9_-]: a token, so that a person can be part of a room's name.
  static bool check(std::string_view text);
  static std::string refusal(std::string_view text);
};
struct GroupNameRule {
  static constexpr std::size_t bytes_max = limits::group_name_bytes_max;
  /// Empty (no group), or 1 to 64 bytes of [a-z0-9_-].
  static bool check(std::string_view text);
  static std::string refusal(std::string_view text);
};
struct MethodNameRule {
  static constexpr std::size_t bytes_max = limits::method_name_bytes_max;
  /// `room.join`: tokens of [a-z0-9_-] joined by dots. Whether the hub has such a method is another question.
  static bool check(std::string_view text);
  static std::string refusal(std::string_view text);
};

using RoomName = Checked<RoomNameRule>;
using Pattern = Checked<PatternRule>;
using PersonName = Checked<PersonNameRule>;
using GroupName = Checked<GroupNameRule>;
/// A durable consumer: one reader of a person's, with cursors of its own. Empty: the person's own cursors.
using ConsumerName = Checked<GroupNameRule>;
using MethodName = Checked<MethodNameRule>;

/// UTF-8 of at most `Max` bytes; may be empty.
template <std::size_t Max>
struct TextRule {
  static constexpr std::size_t bytes_max = Max;
  static bool check(std::string_view text) { return text.size() <= Max && is_utf8(text); }
  static std::string refusal(std::string_view text) {
    if (text.size() > Max)
      return "a text of " + std::to_string(text.size()) + " bytes is longer than the " + std::to_string(Max) +
             " allowed";
    return "the text is not well-formed UTF-8";
  }
};
using Text = Checked<TextRule<limits::text_bytes_max>>;
using Topic = Checked<TextRule<limits::topic_bytes_max>>;
using AwayText = Checked<TextRule<limits::away_bytes_max>>;

/// `@alice` names the direct conversation of whoever says it with alice.
inline bool is_direct(const RoomName& room) { return room.str().starts_with('@'); }

/// True if the pattern contains `*` or `>`, so that it can match more than one room.
inline bool is_wild(const Pattern& pattern) { return pattern.str().find_first_of("*>") != std::string::npos; }

/// Does `pattern` match `room`? Token by token; allocates nothing.
bool matches(const Pattern& pattern, const RoomName& room);

/// As a shell or a chat line gives it: an optional leading `#` is dropped (`#ci.main` is `ci.main`).
Result<RoomName> parse_room_argument(std::string_view text);
Result<Pattern> parse_pattern_argument(std::string_view text);

/// As people see it: `#ci.main`, `@alice`.
std::string display(const RoomName& room);

}  // namespace hubbub

template <class Rule>
struct std::hash<hubbub::Checked<Rule>> {
  std::size_t operator()(const hubbub::Checked<Rule>& text) const noexcept {
    return std::hash<std::string>{}(text.str());
  }
};
