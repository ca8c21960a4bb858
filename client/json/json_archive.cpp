#include "client/json/json_archive.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>

#include "client/json/pretty.hpp"

namespace hubbub::json {

namespace {

std::string join(const auto& words) {
  std::string text;
  for (const auto& word : words) text.append(text.empty() ? "" : ", ").append(word);
  return text;
}

/// What k=v gives for something that isn't text: its JSON in a string.
Json parsed(const Json& json) {
  return json.is_string() ? Json::parse(json.get_ref<const std::string&>(), nullptr, false) : json;
}

}  // namespace

Result<void> JsonInput::outcome() const {
  for (const auto& [name, value] : object_.items()) {
    if (std::ranges::find(known_, name) != known_.end()) continue;
    const auto known = known_.empty() ? "no arguments at all" : join(known_);
    return fail(Status::invalid_argument, "there is no argument '" + name + "'; there are: " + known);
  }
  if (wrong_) return fail(Status::invalid_argument, *wrong_);
  return {};
}

tl::unexpected<Error> refuse_value(std::string_view wanted, const Json& json) {
  constexpr std::size_t shown_max = 60;
  auto shown = json.dump(-1, ' ', false, Json::error_handler_t::replace);
  if (shown.size() > shown_max) shown = shown.substr(0, shown_max) + "…";
  return fail(Status::invalid_argument, shown + " is not " + std::string(wanted));
}

std::string usage_of(const std::vector<Argument>& arguments) {
  std::string text;
  for (const auto& argument : arguments) {
    const auto pair = argument.name + "=" + argument.form;
    text.append(text.empty() ? "" : " ").append(argument.required ? pair : "[" + pair + "]");
  }
  return text;
}

Result<Json> shallow_json(std::string_view text) {
  constexpr std::size_t depth_max = 100;
  std::string minified;
  const auto depth = minify(text, minified);
  if (!depth) return fail(Status::invalid_argument, "this is no well-formed JSON: " + depth.error().sentence);
  if (*depth > depth_max)
    return fail(Status::invalid_argument, "this JSON is deeper than " + std::to_string(depth_max));
  return Json::parse(minified, nullptr, false);
}

Result<std::uint64_t> number_from_json(const Json& json, std::uint64_t max) {
  const auto number = parsed(json);
  if (number.is_number_unsigned() && number.get<std::uint64_t>() <= max) return number.get<std::uint64_t>();
  return refuse_value("a whole number from 0 to " + std::to_string(max), json);
}

Result<std::int64_t> signed_from_json(const Json& json, std::int64_t min, std::int64_t max) {
  const auto number = parsed(json);
  const bool fits = number.is_number_unsigned() ? number.get<std::uint64_t>() <= static_cast<std::uint64_t>(max)
                                                : number.is_number_integer() && number.get<std::int64_t>() >= min &&
                                                      number.get<std::int64_t>() <= max;
  if (fits) return number.get<std::int64_t>();
  return refuse_value("a whole number from " + std::to_string(min) + " to " + std::to_string(max), json);
}

Result<double> real_from_json(const Json& json, double max) {
  const auto number = parsed(json);
  if (number.is_number() && std::abs(number.get<double>()) <= max) return number.get<double>();
  return refuse_value("a number", json);
}

Result<bool> bool_from_json(const Json& json) {
  const auto value = parsed(json);
  if (value.is_boolean()) return value.get<bool>();
  return refuse_value("true or false", json);
}

Result<std::string> text_from_json(const Json& json) {
  if (json.is_string()) return json.get<std::string>();
  return refuse_value("a text", json);
}

Result<std::string> bytes_from_json(const Json& json) {
  if (json.is_string()) return json.get<std::string>();
  if (!json.is_object() || json.size() != 1 || !json.contains("base64") || !json["base64"].is_string())
    return refuse_value(R"(a text or {"base64": "…"})", json);
  auto bytes = from_base64(json["base64"].get<std::string>());
  if (!bytes) return refuse_value("base64", json["base64"]);
  return *std::move(bytes);
}

Result<proto::Headers> headers_from_json(const Json& json) {
  const auto object = parsed(json);
  if (!object.is_object()) return refuse_value(R"(an object such as {"key": "value"})", json);
  proto::Headers headers;
  for (const auto& [key, value] : object.items()) {
    if (!value.is_string()) return refuse_value("a text", value);
    headers.list.push_back({key, value.template get<std::string>()});
  }
  if (const auto allowed = proto::check_outgoing(proto::Kind::data, headers, {}); !allowed)
    return tl::unexpected(allowed.error());
  return headers;
}

Result<std::size_t> choice_from_json(const Json& json, std::span<const std::string_view> names) {
  const auto text = json.is_string() ? json.get<std::string>() : std::string();
  const auto found = std::ranges::find(names, text);
  if (found == names.end()) return refuse_value("one of " + join(names), json);
  return static_cast<std::size_t>(found - names.begin());
}

Result<Json> array_from_json(const Json& json) {
  auto array = parsed(json);
  if (array.is_array()) return array;
  return refuse_value("a list", json);
}

}  // namespace hubbub::json
