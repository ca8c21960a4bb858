#include "client/cli/exported.hpp"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <optional>

#include "client/json/outgoing_json.hpp"
#include "client/link/replies.hpp"

namespace hubbub::cli {

namespace {

using Json = nlohmann::ordered_json;

constexpr std::string_view original_prefix = "original-";

bool is_amends_header(std::string_view key) {
  return !key.empty() && std::ranges::count(proto::amends_headers, key) > 0;
}

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

/// Whoever the hub knows is somebody else than who only says that name.
std::string author_of(const Json& object) {
  const auto verified = object.find("verified");
  const bool is_known = verified != object.end() && verified->is_boolean() && verified->get<bool>();
  return (is_known ? "" : "~") + text_of(object, "from").value_or("");
}

}  // namespace

Result<link::Outgoing> ExportedLines::parse(std::string_view line) {
  const auto object = Json::parse(line, nullptr, false);
  if (!object.is_object()) return wrong("it is not a JSON object");
  if (!object.contains("seq") || !object["seq"].is_number_unsigned()) return wrong("it has no seq");
  if (!object.contains("kind")) return wrong("its kind is not text, action, notice or data");
  auto read = json::outgoing_from_json(object);
  if (!read) return read;
  auto message = *std::move(read);
  const auto author = id_of(author_of(object));
  disarm_marks(message.headers, author);
  message.traced = false;  // the stamps that it has are of its first way
  auto with_origin = message.headers;
  add_origin(object, with_origin);
  if (proto::check_outgoing(message.kind, with_origin, message.body)) message.headers = std::move(with_origin);
  if (auto good = proto::check_outgoing(message.kind, message.headers, message.body); !good)
    return tl::unexpected(good.error());
  if (object["seq"].get<std::uint64_t>() == ++lines_ && authors_.size() + 1 == lines_) authors_.push_back(author);
  return message;
}

void ExportedLines::disarm_marks(proto::Headers& headers, std::uint32_t author) const {
  bool is_disarmed = false;
  for (auto& [key, value] : headers.list) {
    if (!is_amends_header(key) || stays(key, value, author)) continue;
    key.insert(0, original_prefix);
    is_disarmed = true;
  }
  for (auto& [key, value] : headers.list)
    if (is_disarmed && key == proto::undo_header) key.insert(0, original_prefix);
}

bool ExportedLines::stays(std::string_view header, std::string_view target, std::uint32_t author) const {
  if (header == proto::redacts_header) return false;
  const auto seq = link::parse_seq(target);
  if (!seq || seq->value == 0 || seq->value > authors_.size()) return false;
  const bool edits = header == proto::amends_headers[static_cast<std::size_t>(proto::Amends::edit)];
  return !edits || authors_[seq->value - 1] == author;
}

std::uint32_t ExportedLines::id_of(std::string author) {
  return ids_.try_emplace(std::move(author), static_cast<std::uint32_t>(ids_.size())).first->second;
}

}  // namespace hubbub::cli
