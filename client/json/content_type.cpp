#include "client/json/content_type.hpp"

#include <algorithm>

namespace hubbub::json {

namespace {

/// A token of RFC 9110, section 5.6.2.
bool is_token(std::string_view text) {
  constexpr std::string_view signs = "!#$%&'*+-.^_`|~";
  const auto fits = [&](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || signs.find(c) != signs.npos;
  };
  return !text.empty() && std::ranges::all_of(text, fits);
}

std::string_view without_parameters(std::string_view type) {
  type = type.substr(0, type.find(';'));
  while (type.ends_with(' ') || type.ends_with('\t')) type.remove_suffix(1);
  return type;
}

std::string in_lower_case(std::string_view text) {
  std::string lower(text);
  for (auto& c : lower)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  return lower;
}

}  // namespace

Result<std::string> media_type(std::string_view word) {
  if (word == "json") return std::string(json_type);
  const auto type = without_parameters(word);
  const auto slash = std::min(type.find('/'), type.size());
  if (!is_token(type.substr(0, slash)) || slash == type.size() || !is_token(type.substr(slash + 1)))
    return fail(Status::invalid_argument, "'" + std::string(word) +
                                              "' is no content type, as application/json or text/csv are; json is "
                                              "short for application/json");
  return std::string(word);
}

bool is_json(std::string_view content_type) {
  const auto type = in_lower_case(without_parameters(content_type));
  return type == json_type || type.ends_with("+json");
}

bool is_json(const proto::Headers& headers) {
  const auto found = std::ranges::find(headers.list, content_type_header, &proto::Header::key);
  return found != headers.list.end() && is_json(std::string_view(found->value));
}

}  // namespace hubbub::json
