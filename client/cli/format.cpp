#include "client/cli/format.hpp"

#include <array>
#include <optional>
#include <vector>

#include "client/json/base64.hpp"
#include "client/json/message_json.hpp"
#include "common/time_text.hpp"
#include "proto/archive.hpp"

namespace hubbub::cli {

namespace {

struct Context {
  const link::Message& message;
  std::string_view argument;  ///< of {header:KEY}: KEY
  bool harmless;
};
using Write = void (*)(const Context&, std::string&);

struct Place {
  std::string_view name;
  bool wants_argument;
  Write write;
};

void write_header(const Context& context, std::string& out) {
  for (const auto& [key, value] : context.message.headers.list)
    if (key == context.argument) return append_shown(value, context.harmless, out);
}

void write_headers(const Context& context, std::string& out) {
  bool first = true;
  for (const auto& [key, value] : context.message.headers.list) {
    if (!first) out += ' ';
    first = false;
    out.append(key).append("=");
    append_shown(value, context.harmless, out);
  }
}

void write_local_time(const Context& context, std::string& out) {
  out += local_time(context.message.time, std::string(context.argument).c_str());
}

constexpr std::array places = {
    Place{"room", false, [](const Context& c, std::string& out) { out += c.message.room.str(); }},
    Place{"seq", false, [](const Context& c, std::string& out) { out += std::to_string(c.message.seq.value); }},
    Place{"time", false, [](const Context& c, std::string& out) { append_rfc3339(c.message.time, 3, out); }},
    Place{"time", true, write_local_time},
    Place{"ns", false, [](const Context& c, std::string& out) { out += std::to_string(c.message.time.ns); }},
    Place{"from", false,
          [](const Context& c, std::string& out) { out += shown_name(c.message.from, c.message.verified); }},
    Place{"name", false, [](const Context& c, std::string& out) { out += c.message.from.str(); }},
    Place{"kind", false, [](const Context& c, std::string& out) { out += proto::name_of(c.message.kind); }},
    Place{"body", false, [](const Context& c, std::string& out) { append_shown(c.message.body, c.harmless, out); }},
    Place{"base64", false, [](const Context& c, std::string& out) { out += json::to_base64(c.message.body); }},
    Place{"bytes", false, [](const Context& c, std::string& out) { out += std::to_string(c.message.body.size()); }},
    Place{"header", true, write_header},
    Place{"headers", false, write_headers},
    Place{"json", false, [](const Context& c, std::string& out) { json::append_json(c.message, out); }},
};

constexpr std::array<PlaceRow, 14> place_rows = {{
    {"{room}", "the room's name, without #"},
    {"{seq}", "its number in the room"},
    {"{time}", "the hub's time, in UTC: 2026-11-22T21:02:56.123Z"},
    {"{time:FORMAT}", "the same in the local time zone, by strftime(3): {time:%H:%M}"},
    {"{ns}", "nanoseconds since 1970"},
    {"{from}", "the sender; ~ before a name that the hub can't verify"},
    {"{name}", "the sender without ~"},
    {"{kind}", "text, action, notice or data"},
    {"{body}", "what was said"},
    {"{base64}", "the same as base64"},
    {"{bytes}", "how many bytes it has"},
    {"{header:KEY}", "the value of that header; empty if there is none"},
    {"{headers}", "all of them: key=value key=value"},
    {"{json}", "everything, as with --json"},
}};
static_assert(place_rows.size() == places.size());

struct Piece {
  std::string text;              ///< literal; or the place's argument
  const Place* place = nullptr;  ///< nothing: literal
};

const Place* find_place(std::string_view name, bool has_argument) {
  for (const auto& place : places)
    if (place.name == name && place.wants_argument == has_argument) return &place;
  return nullptr;
}

std::optional<char> escaped(char c) {
  switch (c) {
    case 'n': return '\n';
    case 't': return '\t';
    case 'r': return '\r';
    case 'e': return '\x1b';
    case '0': return '\0';
    case '\\': return '\\';
    default: return std::nullopt;
  }
}

/// Reads a format from its front to its end.
class Parser {
 public:
  Parser(std::string_view text, std::string_view end) : left_(text), end_(end) {}

  Result<std::vector<Piece>> pieces() {
    while (!left_.empty())
      if (auto taken = take(); !taken) return tl::unexpected(taken.error());
    for (const char c : end_) literal(c);
    return std::move(pieces_);
  }

 private:
  Result<void> take() {
    const char c = left_.front();
    if (left_.starts_with("{{") || left_.starts_with("}}")) return literal(c, 2);
    if (c == '{') return take_place();
    if (left_ == "\\c") return end_here();
    if (c == '\\' && left_.size() > 1)
      if (const auto meant = escaped(left_[1])) return literal(*meant, 2);
    return literal(c, 1);
  }

  Result<void> take_place() {
    const auto end = left_.find('}');
    const auto whole = left_.substr(0, end == std::string_view::npos ? end : end + 1);
    const auto inner = whole.substr(1, end == std::string_view::npos ? end : end - 1);
    const auto colon = inner.find(':');
    const auto* place = find_place(inner.substr(0, colon), colon != std::string_view::npos);
    if (place == nullptr || end == std::string_view::npos) return refuse(whole);
    pieces_.push_back({std::string(colon == std::string_view::npos ? "" : inner.substr(colon + 1)), place});
    left_.remove_prefix(whole.size());
    return {};
  }

  Result<void> refuse(std::string_view what) {
    auto sentence = "'" + std::string(what) + "' is no place in a format; there are";
    for (const auto& row : place_rows) sentence.append(" ").append(row.place);
    return fail(Status::invalid_argument, sentence + ", and {{ for a brace");
  }

  Result<void> end_here() {
    left_ = end_ = {};
    return {};
  }

  Result<void> literal(char c, std::size_t taken = 0) {
    if (pieces_.empty() || pieces_.back().place != nullptr) pieces_.push_back({});
    pieces_.back().text += c;
    left_.remove_prefix(taken);
    return {};
  }

  std::string_view left_, end_;
  std::vector<Piece> pieces_;
};

}  // namespace

std::span<const PlaceRow> format_places() { return place_rows; }

Result<Render> parse_format(std::string_view text, RenderOptions options) {
  auto pieces = Parser(text, options.end).pieces();
  if (!pieces) return tl::unexpected(pieces.error());
  return Render([pieces = *std::move(pieces), options](const link::Message& message, std::string& out) {
    for (const auto& [literal, place] : pieces)
      if (place != nullptr)
        place->write({message, literal, options.harmless}, out);
      else
        out += literal;
  });
}

}  // namespace hubbub::cli
