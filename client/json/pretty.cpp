#include "client/json/pretty.hpp"

#include <algorithm>
#include <utility>

#include "client/json/tokens.hpp"

namespace hubbub::json {

namespace {

constexpr std::size_t indent_columns = 2;
constexpr std::size_t levels_max = 20;

/// A line is held until it is known what ends it: a comma, or the bracket that makes {} of {.
class Layout {
 public:
  explicit Layout(const std::function<bool(const PrettyLine&)>& line) : tell_(line) {}

  /// False: no more are wanted.
  bool take(const Token& token, std::size_t depth) {
    const bool is_empty = token.kind == TokenKind::close && just_opened_;
    just_opened_ = token.kind == TokenKind::open;
    switch (token.kind) {
      case TokenKind::colon: return true;
      case TokenKind::comma: line_.comma = true; return true;
      case TokenKind::key: return begin(depth, token.text, {});
      case TokenKind::scalar: return value(depth, token.text);
      case TokenKind::open: return value(depth - 1, token.text);
      case TokenKind::close: break;
    }
    if (!is_empty) return begin(depth, {}, token.text);
    line_.value = line_.value == "{" ? "{}" : "[]";
    return true;
  }

  void end(std::string_view rest, std::size_t depth) {
    const bool more = rest.empty() || value(depth, rest);
    if (more && has_line_) tell_(line_);
  }

 private:
  bool value(std::size_t depth, std::string_view text) {
    const bool behind_key = has_line_ && !line_.key.empty() && line_.value.empty();
    if (behind_key) line_.value = text;
    return behind_key || begin(depth, {}, text);
  }

  bool begin(std::size_t depth, std::string_view key, std::string_view value) {
    const auto before = std::exchange(line_, {std::min(depth, levels_max) * indent_columns, key, value});
    return !std::exchange(has_line_, true) || tell_(before);
  }

  const std::function<bool(const PrettyLine&)>& tell_;
  PrettyLine line_;
  bool has_line_ = false;
  bool just_opened_ = false;
};

}  // namespace

void each_pretty_line(std::string_view text, const std::function<bool(const PrettyLine&)>& line) {
  Tokens tokens(text);
  Layout layout(line);
  while (const auto token = tokens.next())
    if (!layout.take(*token, tokens.depth())) return;
  layout.end(tokens.rest(), tokens.depth());
}

std::size_t count_pretty_lines(std::string_view text) {
  std::size_t count = 0;
  each_pretty_line(text, [&](const PrettyLine&) { return ++count > 0; });
  return count;
}

Result<std::size_t> minify(std::string_view text, std::string& out) {
  Tokens tokens(text);
  std::size_t deepest = 0;
  while (const auto token = tokens.next()) {
    out += token->text;
    deepest = std::max(deepest, tokens.depth());
  }
  if (!tokens.is_sound()) return fail(Status::invalid_argument, tokens.flaw());
  return deepest;
}

Result<void> check_json(std::string_view text) {
  Tokens tokens(text);
  while (tokens.next()) {
  }
  if (!tokens.is_sound()) return fail(Status::invalid_argument, tokens.flaw());
  return {};
}

}  // namespace hubbub::json
