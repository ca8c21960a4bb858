#include "client/cli/exported.hpp"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <optional>

#include "client/json/outgoing_json.hpp"
#include "proto/marks.hpp"

namespace hubbub::cli {

namespace {

using Json = nlohmann::ordered_json;

constexpr auto redacts_header = proto::amends_headers[static_cast<std::size_t>(proto::Amends::redaction)];

tl::unexpected<Error> wrong(std::string sentence) { return fail(Status::invalid_argument, std::move(sentence)); }

std::optional<std::string> text_of(const Json& object, const char* field) {
  const auto found = object.find(field);
  return found != object.end() && found->is_string() ? std::optional(found->get<std::string>()) : std::nullopt;
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
  if (!object.contains("kind")) return wrong("its kind is not text, action, notice or data");
  auto read = json::outgoing_from_json(object);
  if (!read) return read;
  auto message = *std::move(read);
  for (auto& [key, value] : message.headers.list)
    if (key == redacts_header) key = "original-redacts";
  message.traced = false;  // the stamps that it has are of its first way
  auto with_origin = message.headers;
  add_origin(object, with_origin);
  if (proto::check_outgoing(message.kind, with_origin, message.body)) message.headers = std::move(with_origin);
  if (auto good = proto::check_outgoing(message.kind, message.headers, message.body); !good)
    return tl::unexpected(good.error());
  return message;
}

}  // namespace hubbub::cli
