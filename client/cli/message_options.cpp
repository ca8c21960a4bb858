#include "client/cli/message_options.hpp"

#include <algorithm>

#include "client/json/content_type.hpp"
#include "client/json/pretty.hpp"
#include "client/link/kind_of.hpp"

namespace hubbub::cli {

namespace {

Take store_kind(std::optional<proto::Kind>& kind) {
  return [&kind](std::string_view word) -> Result<void> {
    const auto found = std::ranges::find(proto::kind_names, word);
    if (found == proto::kind_names.end())
      return fail(Status::invalid_argument, "'" + std::string(word) + "' is not text, action, notice or data");
    kind = static_cast<proto::Kind>(found - proto::kind_names.begin());
    return {};
  };
}

Take append_header(proto::Headers& headers) {
  return [&headers](std::string_view word) -> Result<void> {
    const auto equals = word.find('=');
    if (equals == std::string_view::npos || equals == 0)
      return fail(Status::invalid_argument, "'" + std::string(word) + "' is not KEY=VALUE");
    headers.list.push_back({std::string(word.substr(0, equals)), std::string(word.substr(equals + 1))});
    return {};
  };
}

Take store_type(std::optional<std::string>& type) {
  return [&type](std::string_view word) -> Result<void> {
    auto read = json::media_type(word);
    if (!read) return tl::unexpected(read.error());
    type = *std::move(read);
    return {};
  };
}

}  // namespace

void declare_message_options(Syntax& syntax, MessageOptions& options) {
  syntax.option({"--kind",
                 "KIND",
                 "text, action, notice or data",
                 store_kind(options.kind),
                 Hint::choice,
                 {proto::kind_names.begin(), proto::kind_names.end()}});
  syntax.option({"--type", "TYPE", "the content type; json is short for application/json, and each body is checked",
                 store_type(options.type)});
  syntax.option(
      {"--header", "KEY=VALUE", "a header; may be given again", append_header(options.headers), Hint::none, {}, true});
  syntax.option({"--retain", "", "the room keeps it for those who ask for its last value", store(options.retain)});
}

Result<void> apply(const MessageOptions& options, link::Outgoing& message) {
  const bool has_type = std::ranges::count(options.headers.list, json::content_type_header, &proto::Header::key) > 0;
  if (options.type && has_type)
    return fail(Status::invalid_argument, "--type and --header content-type=… exclude each other");
  message.headers = options.headers;
  if (options.type) message.headers.list.push_back({std::string(json::content_type_header), *options.type});
  message.retain = options.retain;
  return proto::check_outgoing(proto::Kind::data, message.headers, {});
}

Result<void> check_body(const MessageOptions& options, std::string_view body) {
  if (!options.type || !json::is_json(std::string_view(*options.type))) return {};
  const auto checked = json::check_json(body);
  if (checked) return {};
  return fail(Status::invalid_argument, "this is no JSON, at " + checked.error().sentence);
}

proto::Kind kind_for(const MessageOptions& options, std::string_view body) {
  if (options.kind) return *options.kind;
  return link::kind_of(body);
}

}  // namespace hubbub::cli
