#include "client/json/outgoing_json.hpp"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "client/json/base64.hpp"
#include "client/json/content_type.hpp"
#include "client/link/kind_of.hpp"

namespace hubbub::json {

namespace {

using Json = nlohmann::ordered_json;

tl::unexpected<Error> wrong(std::string sentence) { return fail(Status::invalid_argument, std::move(sentence)); }

Result<std::string> body_of(const Json& object) {
  const auto text = object.find("text"), coded = object.find("base64"), json = object.find("json");
  const bool has_text = text != object.end() && text->is_string(), has_json = json != object.end();
  const bool has_coded = coded != object.end() && coded->is_string();
  if (has_text + has_coded + has_json > 1) return wrong("it has more than one of text, base64 and json");
  if (has_text) return text->get<std::string>();
  if (has_json) return json->dump();
  if (!has_coded) return wrong("it has none of text, base64 and json");
  auto bytes = from_base64(coded->get_ref<const std::string&>());
  if (!bytes) return wrong("its base64 is not well-formed");
  return *std::move(bytes);
}

Result<proto::Kind> kind_of(const Json& object, std::string_view body) {
  const auto name = object.find("kind");
  if (name == object.end()) return link::kind_of(body);
  const auto found = name->is_string() ? std::ranges::find(proto::kind_names, name->get_ref<const std::string&>())
                                       : proto::kind_names.end();
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

void say_that_it_is_json(proto::Headers& headers) {
  if (std::ranges::find(headers.list, content_type_header, &proto::Header::key) == headers.list.end())
    headers.list.push_back({std::string(content_type_header), std::string(json_type)});
}

Result<bool> flag_of(const Json& object, const char* name) {
  const auto found = object.find(name);
  if (found == object.end()) return false;
  if (!found->is_boolean()) return wrong(std::string("its ") + name + " is not true or false");
  return found->get<bool>();
}

}  // namespace

Result<link::Outgoing> outgoing_from_json(const Json& object) {
  auto body = body_of(object);
  if (!body) return tl::unexpected(body.error());
  const auto kind = kind_of(object, *body);
  if (!kind) return tl::unexpected(kind.error());
  auto headers = headers_of(object);
  if (!headers) return tl::unexpected(headers.error());
  if (object.contains("json")) say_that_it_is_json(*headers);
  link::Outgoing message;
  message.kind = *kind;
  message.headers = *std::move(headers);
  const auto retain = flag_of(object, "retain"), traced = flag_of(object, "traced");
  if (!retain || !traced) return tl::unexpected(retain ? traced.error() : retain.error());
  message.retain = *retain;
  message.traced = *traced;
  message.body = *std::move(body);
  return message;
}

}  // namespace hubbub::json
