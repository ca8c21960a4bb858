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
  out.append(R"(,"kind":")").append(proto::name_of(message.kind)).append(R"(","headers":)");
  append_headers(message.headers.list, out);
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
  if (is_utf8(message.body)) {
    out.append(R"(,"text":)");
    append_string(message.body, out);
  } else {
    out.append(R"(,"base64":")").append(to_base64(message.body)).append("\"");
  }
  out += '}';
}

}  // namespace hubbub::json
