#include "client/cli/serve/call_lines.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <nlohmann/json.hpp>

#include "client/cli/serve/exit_status.hpp"
#include "client/json/tokens.hpp"
#include "common/escape.hpp"

namespace hubbub::cli {

namespace {

constexpr std::string_view our_variables = "HUBBUB_";
constexpr std::array<std::string_view, 5> own_fields = {"id", "method", "arguments", "deadline_ms", "cancel"};

void append_field(std::string_view variable, std::string& line) {
  const auto equals = variable.find('=');
  if (!variable.starts_with(our_variables) || equals == std::string_view::npos) return;
  std::string name(variable.substr(our_variables.size(), equals - our_variables.size()));
  for (char& c : name)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  if (std::ranges::find(own_fields, name) != own_fields.end()) return;
  line.append(",\"").append(escape_for_json(name)).append("\":\"");
  line.append(escape_for_json(variable.substr(equals + 1))).append("\"");
}

/// The outer object's fields, one after the other, each value as it was written.
class Fields {
 public:
  explicit Fields(std::string_view line) : tokens_(line) {
    const auto first = tokens_.next();
    is_object_ = first && first->text == "{";
  }

  /// False at the end, and at what is no JSON.
  bool next() {
    auto token = is_object_ ? tokens_.next() : std::nullopt;
    if (token && token->kind == json::TokenKind::comma) token = tokens_.next();
    if (!token || token->kind != json::TokenKind::key) return false;
    key = token->text.substr(1, token->text.size() - 2);
    if (!tokens_.next()) return false;  // the colon
    token = tokens_.next();
    if (!token) return false;
    const auto begin = token->text.data();
    while (token && tokens_.depth() > 1) token = tokens_.next();
    if (!token) return false;
    value = std::string_view(begin, static_cast<std::size_t>(token->text.data() + token->text.size() - begin));
    return true;
  }

  /// All of the line is one object. REQUIRES: next() was false.
  [[nodiscard]] bool is_whole() {
    return is_object_ && tokens_.is_sound() && tokens_.depth() == 0 && !tokens_.next() && tokens_.is_sound();
  }

  std::string_view key, value;

 private:
  json::Tokens tokens_;
  bool is_object_ = false;
};

std::optional<std::uint64_t> id_of(std::string_view value) {
  std::uint64_t id = 0;
  const auto* const end = value.data() + value.size();
  const auto read = std::from_chars(value.data(), end, id);
  if (read.ec != std::errc() || read.ptr != end) return std::nullopt;
  return id;
}

/// Nothing, if it is no text.
std::optional<std::string> text_of(std::string_view value) {
  if (!value.starts_with('"')) return std::nullopt;
  const auto text = nlohmann::json::parse(value, nullptr, false);  // half a surrogate pair is no text
  if (!text.is_string()) return std::nullopt;
  return text.get<std::string>();
}

Status status_of(const std::optional<std::string>& name) {
  const auto* const found = name ? std::ranges::find(status_names, *name) : status_names.end();
  const auto status = static_cast<Status>(found - status_names.begin());
  return found == status_names.end() || status == Status::ok ? Status::unknown : status;
}

}  // namespace

std::string call_line(const ServedCall& call) {
  std::string line = "{\"id\":" + std::to_string(call.id) + ",\"method\":\"" + escape_for_json(call.method) +
                     "\",\"arguments\":" + call.arguments;
  for (const auto& variable : call.variables) append_field(variable, line);
  if (call.deadline.count() > 0) line += ",\"deadline_ms\":" + std::to_string(call.deadline.count());
  return line + "}\n";
}

std::string cancel_line(std::uint64_t id) { return "{\"id\":" + std::to_string(id) + ",\"cancel\":true}\n"; }

std::optional<Answer> parse_answer(std::string_view line) {
  std::optional<std::uint64_t> id;
  std::optional<std::string_view> result;
  std::optional<std::string> error, status;
  Fields fields(line);
  while (fields.next()) {
    if (fields.key == "id") id = id_of(fields.value);
    if (fields.key == "result") result = fields.value;
    if (fields.key == "error") error = text_of(fields.value);
    if (fields.key == "status") status = text_of(fields.value);
  }
  if (!fields.is_whole() || !id || result.has_value() == error.has_value()) return std::nullopt;
  if (result) return Answer{*id, {Status::ok, std::string(*result)}};
  return Answer{*id, {status_of(status), sentence_of(*error)}};
}

std::optional<std::uint64_t> id_in_beginning(std::string_view line) {
  Fields fields(line);
  while (fields.next())
    if (fields.key == "id" && !line.ends_with(fields.value)) return id_of(fields.value);
  return std::nullopt;
}

}  // namespace hubbub::cli
