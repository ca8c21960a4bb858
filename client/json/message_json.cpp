#include "client/json/message_json.hpp"

#include <algorithm>
#include <span>
#include <string_view>

#include "client/json/base64.hpp"
#include "common/escape.hpp"
#include "common/time_text.hpp"
#include "proto/archive.hpp"

namespace hubbub::json {

namespace {

void append_string(std::string_view text, std::string& out) {
  out.append("\"").append(escape_for_json(text)).append("\"");
}

void append_values(std::span<const proto::Header> headers, std::string& out) {
  const auto& key = headers.front().key;
  const bool many = std::ranges::count(headers, key, &proto::Header::key) > 1;
  if (many) out += '[';
  for (const auto& header : headers) {
    if (header.key != key) continue;
    if (&header != headers.data()) out += ',';
    append_string(header.value, out);
  }
  if (many) out += ']';
}

/// A name is there once: readers of JSON take the last one.
void append_headers(std::span<const proto::Header> headers, std::string& out) {
  out += '{';
  for (auto rest = headers; !rest.empty(); rest = rest.subspan(1)) {
    const auto before = headers.first(headers.size() - rest.size());
    if (std::ranges::find(before, rest.front().key, &proto::Header::key) != before.end()) continue;
    if (!before.empty()) out += ',';
    append_string(rest.front().key, out);
    out += ':';
    append_values(rest, out);
  }
  out += '}';
}

void append_fields(const link::Message& message, std::string& out) {
  out.append(R"("room":")").append(message.room.str());  // names need no escaping: a-z 0-9 _ - . @
  out.append(R"(","seq":)").append(std::to_string(message.seq.value)).append(R"(,"time":")");
  append_rfc3339(message.time, 9, out);
  out.append(R"(","from":")").append(message.from.str());
  out.append(R"(","verified":)").append(message.verified ? "true" : "false");
  if (message.retain) out.append(R"(,"retain":true)");
  if (message.traced) out.append(R"(,"traced":true)");
  if (message.retained) out.append(R"(,"retained":true)");
  if (message.by_hub) out.append(R"(,"by_hub":true)");
  if (message.erased) out.append(R"(,"erased":true)");
  out.append(R"(,"kind":")").append(proto::name_of(message.kind)).append(R"(","headers":)");
  append_headers(message.headers.list, out);
}

void append_body(const link::Message& message, std::string& out) {
  const std::string_view body = message.erased ? std::string_view() : message.body;
  if (is_utf8(body)) {
    out.append(R"(,"text":)");
    append_string(body, out);
  } else {
    out.append(R"(,"base64":")").append(to_base64(body)).append("\"");
  }
}

std::string shown_name(const link::By& by) { return (by.verified ? "" : "~") + by.name.str(); }

/// `"edited":{"by":"~alice","seq":43,"time":"…"`
void begin_mark(std::string_view name, const link::By& by, std::string& out) {
  out.append(",\"").append(name).append(R"(":{"by":")").append(shown_name(by)).append(R"(","seq":)");
  out.append(std::to_string(by.seq.value)).append(R"(,"time":")");
  append_rfc3339(by.time, 9, out);
  out += '"';
}

void append_reactions(const link::View& view, std::string& out) {
  if (view.reactions.empty()) return;
  out.append(R"(,"reactions":[)");
  for (const auto& [what, people] : view.reactions) {
    out.append(out.back() == '[' ? "" : ",").append(R"({"reaction":)");
    append_string(what, out);
    out.append(R"(,"people":[)");
    for (const auto& by : people) out.append(out.back() == '[' ? "\"" : ",\"").append(shown_name(by)).append("\"");
    out.append("]}");
  }
  out += ']';
}

}  // namespace

void append_json_without_body(const link::Message& message, std::string& out) {
  out += '{';
  append_fields(message, out);
  out += '}';
}

void append_json(const link::Message& message, std::string& out) {
  out += '{';
  append_fields(message, out);
  append_body(message, out);
  out += '}';
}

void append_json(const link::Message& message, const link::View& view, std::string& out) {
  out += '{';
  append_fields(message, out);
  append_body(link::shown_as(message, view), out);
  if (view.edited) begin_mark("edited", *view.edited, out), out += '}';
  if (view.pinned) begin_mark("pinned", *view.pinned, out), out += '}';
  if (view.redacted) {
    begin_mark("redacted", *view.redacted, out);
    out.append(R"(,"reason":)");
    append_string(view.reason, out);
    out += '}';
  }
  append_reactions(view, out);
  out += '}';
}

}  // namespace hubbub::json
