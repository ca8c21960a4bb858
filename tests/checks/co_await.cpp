#include "tests/checks/co_await.hpp"

#include <algorithm>
#include <array>
#include <cctype>
#include <optional>
#include <set>

#include "tests/checks/blank.hpp"

namespace hubbub::checks {

namespace {

using Position = std::size_t;
constexpr Position none = std::string_view::npos;

constexpr std::string_view openers = "([{";
constexpr std::string_view closers = ")]}";
bool is_word(char c) { return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_'; }
bool opens(char c) { return openers.find(c) != none; }
bool closes(char c) { return closers.find(c) != none; }

/// The last position before `at` that isn't blank, or none.
Position before(std::string_view code, Position at) { return at == 0 ? none : code.find_last_not_of(" \t\n", at - 1); }

/// The word that ends at `last`, or nothing.
std::string_view word_ending_at(std::string_view code, Position last) {
  auto first = last;
  if (last == none || !is_word(code[last])) return {};
  while (first > 0 && is_word(code[first - 1])) --first;
  return code.substr(first, last - first + 1);
}

/// clang-format sets a space before the brace of a block and none before that of an initialiser: f() { … }, T{…},
/// ({…}).
bool opens_a_block(std::string_view code, Position brace) {
  if (brace == 0 || code[brace - 1] == '\n') return true;
  if (code[brace - 1] != ' ') return false;
  const char last = code[before(code, brace)];
  return last != ',' && last != '=' && word_ending_at(code, before(code, brace)) != "return";
}

/// A parenthesis after which a full expression of its own begins.
bool opens_a_condition(std::string_view code, Position parenthesis) {
  static constexpr std::array<std::string_view, 4> keywords{"if", "while", "switch", "for"};
  return std::ranges::find(keywords, word_ending_at(code, before(code, parenthesis))) != keywords.end();
}

/// One past the bracket that closes what opens at `at`.
Position past_closing(std::string_view code, Position at) {
  int depth = 0;
  for (; at < code.size(); ++at) {
    depth += opens(code[at]) ? 1 : closes(code[at]) ? -1 : 0;
    if (depth == 0) return at + 1;
  }
  return code.size();
}

/// Of the `}` at `at`, going backwards: whether a block ends here, and so a statement.
bool ends_a_block(std::string_view code, Position at) {
  int depth = 0;
  for (auto back = at + 1; back-- > 0;) {
    depth += closes(code[back]) ? 1 : opens(code[back]) ? -1 : 0;
    if (depth == 0)
      return opens_a_block(code, back) &&
             std::string_view(",.)];").find(code[code.find_first_not_of(" \n", at + 1)]) == none;
  }
  return true;
}

/// Where the full expression (or the statement, which is as good) around `at` begins.
Position begin_of_full_expression(std::string_view code, Position at) {
  int depth = 0;
  for (; at > 0; --at) {
    const char c = code[at - 1];
    if (depth == 0 && c == ';') return at;
    if (depth == 0 && c == '}' && ends_a_block(code, at - 1)) return at;
    if (depth == 0 && c == '{' && opens_a_block(code, at - 1)) return at;
    if (depth == 0 && c == '(' && opens_a_condition(code, at - 1)) return at;
    if (closes(c)) ++depth;
    if (opens(c) && depth > 0) --depth;
  }
  return 0;
}

/// Braces make no harm with our ids and times, which need no destroying.
bool names_a_plain_type(std::string_view word) {
  static constexpr std::array<std::string_view, 7> plain{"Seq",      "RoomId",       "CallId", "PublishId",
                                                         "WallTime", "milliseconds", "seconds"};
  return std::ranges::find(plain, word) != plain.end();
}

/// At an opening bracket: the sentence against what it opens, where there is one.
std::optional<std::string> objection(std::string_view code, Position at) {
  const auto last = before(code, at);
  const char previous = last == none ? ' ' : code[last];
  if (code[at] == '{' && !opens_a_block(code, at) && !names_a_plain_type(word_ending_at(code, last)))
    return "a braced temporary in a full expression with co_await, which gcc 12 may destroy twice: name it in a "
           "variable first";
  const bool subscripts =
      is_word(previous) ? word_ending_at(code, last) != "return" : previous == ')' || previous == ']';
  const bool captures =
      code[at] == '[' && !subscripts && code.find_first_not_of(' ', at + 1) + 1 != past_closing(code, at);
  if (captures && !code.substr(at).starts_with("[["))
    return "a capturing lambda in a full expression with co_await, which gcc 12 may destroy twice: name it in a "
           "variable first";
  return std::nullopt;
}

/// A declaration `T name{co_await x};` initialises a variable and makes no temporary.
bool initialises_a_variable(std::string_view code, Position begin, Position brace) {
  const auto words = code.substr(begin, brace - begin);
  const auto name = word_ending_at(code, before(code, brace));
  if (name.empty() || words.find_first_of("(=,") != none || words.find("co_") != none) return false;
  const auto first = words.find_first_not_of(" \n");
  return words.substr(first).starts_with("const ") || words.substr(first).find(' ') != none;
}

/// A condition of a statement, unless it declares a variable: `if (const auto reply = co_await ask())` is compiled
/// rightly.
bool is_bare_condition(std::string_view code, Position begin, Position keyword) {
  if (begin == 0 || code[begin - 1] != '(' || !opens_a_condition(code, begin - 1)) return false;
  if (word_ending_at(code, before(code, begin - 1)) == "for") return false;
  const auto words = code.substr(begin, keyword - begin);
  const auto assigned = words.find(" = ");
  return assigned == none || words.substr(0, assigned).find(' ') == none;
}

std::size_t line_of(std::string_view code, Position at) {
  return 1 + static_cast<std::size_t>(std::ranges::count(code.substr(0, at), '\n'));
}

/// Looks at one full expression, from its begin to its end; blocks within it (bodies of lambdas) are not part of it.
void look_at(const Source& source, std::string_view code, Position begin, Findings& findings) {
  int depth = 0;
  for (auto at = begin; at < code.size(); ++at) {
    if (depth == 0 && (code[at] == ';' || (code[at] == '{' && opens_a_block(code, at)))) return;
    if (code[at] == '{' && opens_a_block(code, at)) {
      at = past_closing(code, at) - 1;
      continue;
    }
    if (opens(code[at]) && !(depth == 0 && code[at] == '{' && initialises_a_variable(code, begin, at))) {
      if (auto sentence = objection(code, at)) {
        findings.push_back({source.path, line_of(code, at), std::move(*sentence)});
      }
    }
    depth += opens(code[at]) ? 1 : closes(code[at]) ? -1 : 0;
    if (depth < 0) return;
  }
}

Position find_co_await(std::string_view code, Position from) {
  static constexpr std::string_view keyword = "co_await";
  auto at = code.find(keyword, from);
  while (at != none && is_word(code.substr(at + keyword.size()).front())) at = code.find(keyword, at + 1);
  return at;
}

}  // namespace

Findings wrong_co_awaits(const Source& source) {
  const auto code = blank_comments_and_literals(source.text);
  Findings findings;
  std::set<Position> seen;
  for (auto at = find_co_await(code, 0); at != none; at = find_co_await(code, at + 1)) {
    const auto begin = begin_of_full_expression(code, at);
    if (!seen.insert(begin).second) continue;
    look_at(source, code, begin, findings);
    if (is_bare_condition(code, begin, at))
      findings.push_back(
          {source.path, line_of(code, at),
           "co_await in a condition, which gcc 12 may compile wrongly: name its result in a variable first"});
  }
  return findings;
}

}  // namespace hubbub::checks
