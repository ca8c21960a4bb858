#include "client/cli/exported.hpp"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <optional>

#include "client/json/base64.hpp"

namespace hubbub::cli {

namespace {

using Json = nlohmann::ordered_json;

tl::unexpected<Error> wrong(std::string sentence) { return fail(Status::invalid_argument, std::move(sentence)); }

std::optional<std::string> text_of(const Json& object, const char* field) {
  const auto found = object.find(field);
  return found != object.end() && found->is_string() ? std::optional(found->get<std::string>()) : std::nullopt;
}

Result<std::string> body_of(const Json& object) {
  if (auto text = text_of(object, "text")) return *std::move(text);
  const auto coded = text_of(object, "base64");
  if (!coded) return wrong("it has neither a text nor a base64");
  auto bytes = json::from_base64(*coded);
  if (!bytes) return wrong("its base64 is not well-formed");
  return *std::move(bytes);
}

Result<proto::Kind> kind_of(const Json& object) {
  const auto name = text_of(object, "kind");
  const auto found = std::ranges::find(proto::kind_names, name.value_or(""));
  if (found == proto::kind_names.end()) return wrong("its kind is not text, action, notice or data");
  return static_cast<proto::Kind>(found - proto::kind_names.begin());
}

Result<proto::Headers> headers_of(const Json& object) {
  proto::Headers headers;
  const auto found = object.find("headers");
  if (found == object.end()) return headers;
  if (!found->is_object()) return wrong("its headers are not an object");
  for (const auto& [key, value] : found->items())
    for (const auto& one : value.is_array() ? value : Json::array({value})) {
      if (!one.is_string()) return wrong("its header " + key + " is not a text");
      headers.list.push_back({key, one.get<std::string>()});
    }
  return headers;
}

void add_origin(const Json& object, proto::Headers& headers) {
  const auto is_origin = [](const proto::Header& header) { return header.key == "original-seq"; };
  if (std::ranges::any_of(headers.list, is_origin)) return;
  if (const auto from = text_of(object, "from")) headers.list.push_back({"original-from", *from});
  if (const auto time = text_of(object, "time")) headers.list.push_back({"original-time", *time});
  headers.list.push_back({"original-seq", object["seq"].dump()});
}

}  // namespace

Result<link::Outgoing> parse_exported(std::string_view line) {
  const auto object = Json::parse(line, nullptr, false);
  if (!object.is_object()) return wrong("it is not a JSON object");
  if (!object.contains("seq") || !object["seq"].is_number_unsigned()) return wrong("it has no seq");
  auto kind = kind_of(object);
  if (!kind) return tl::unexpected(kind.error());
  auto headers = headers_of(object);
  if (!headers) return tl::unexpected(headers.error());
  auto body = body_of(object);
  if (!body) return tl::unexpected(body.error());
  link::Outgoing message;
  message.kind = *kind;
  message.retain = object.value("retain", Json()) == true;
  message.headers = *std::move(headers);
  message.body = *std::move(body);
  auto with_origin = message.headers;
  add_origin(object, with_origin);
  if (proto::check_outgoing(message.kind, with_origin, message.body)) message.headers = std::move(with_origin);
  if (auto good = proto::check_outgoing(message.kind, message.headers, message.body); !good)
    return tl::unexpected(good.error());
  return message;
}

}  // namespace hubbub::cli
