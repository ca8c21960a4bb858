#include "client/cli/message_json.hpp"

#include <string_view>

#include "client/cli/base64.hpp"
#include "client/cli/time_text.hpp"
#include "common/escape.hpp"
#include "proto/archive.hpp"

namespace hubbub::cli {

namespace {

void append_string(std::string_view text, std::string& out) {
  out.append("\"").append(escape_for_json(text)).append("\"");
}

void append_headers(const proto::Headers& headers, std::string& out) {
  out += '{';
  for (const auto& [key, value] : headers.list) {
    if (out.back() != '{') out += ',';
    append_string(key, out);
    out += ':';
    append_string(value, out);
  }
  out += '}';
}

}  // namespace

void append_json(const link::Message& message, std::string& out) {
  out.append(R"({"room":")").append(message.room.str());  // names need no escaping: a-z 0-9 _ - . @
  out.append(R"(","seq":)").append(std::to_string(message.seq.value)).append(R"(,"time":")");
  append_rfc3339(message.time, 9, out);
  out.append(R"(","from":")").append(message.from.str());
  out.append(R"(","verified":)").append(message.verified ? "true" : "false");
  if (message.retained) out.append(R"(,"retained":true)");
  out.append(R"(,"kind":")").append(proto::name_of(message.kind)).append(R"(","headers":)");
  append_headers(message.headers, out);
  if (is_utf8(message.body)) {
    out.append(R"(,"text":)");
    append_string(message.body, out);
  } else {
    out.append(R"(,"base64":")").append(to_base64(message.body)).append("\"");
  }
  out += '}';
}

}  // namespace hubbub::cli
