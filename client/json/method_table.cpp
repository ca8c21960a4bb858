#include "client/json/method_table.hpp"

#include <algorithm>
#include <utility>

#include "client/json/json_archive.hpp"
#include "client/json/message_json.hpp"
#include "proto/codec.hpp"
#include "proto/methods.hpp"

namespace hubbub::json {

namespace {

Json message_json(const RoomName& room, std::string_view payload) {
  const auto message = link::decode_message(room, payload);
  if (!message) return nullptr;
  std::string text;
  append_json(*message, text);
  return Json::parse(text);
}

/// Replies that hold messages of a room show them as messages instead of as bytes.
template <class Method>
Json reply_json(const typename Method::Reply& reply, const Method& arguments) {
  auto json = to_json(reply);
  if constexpr (std::is_same_v<Method, proto::RoomHistory>) {
    json["messages"] = Json::array();
    for (const auto& payload : reply.messages) json["messages"].push_back(message_json(arguments.room, payload.bytes));
  } else if constexpr (std::is_same_v<Method, proto::RoomNext>) {
    json["message"] = message_json(arguments.room, reply.message.bytes);
  }
  return json;
}

template <class Method>
Result<std::string> encode(const Json& json) {
  Method arguments;
  if (auto read = from_json(json, arguments); !read) return tl::unexpected(read.error());
  std::string bytes;
  proto::encode_value(arguments, bytes);
  return bytes;
}

template <class Method>
Result<Json> decode(std::string_view bytes, const Json& json) {
  Method arguments;
  if (auto read = from_json(json, arguments); !read) return tl::unexpected(read.error());
  const auto reply = proto::decode_value<typename Method::Reply>(bytes);
  if (!reply) return fail(Status::internal, "the hub's reply could not be understood; is it of another version?");
  return reply_json(*reply, arguments);
}

template <class Method>
MethodRow row() {
  return {Method::name, Method::help, describe<Method>(), encode<Method>, decode<Method>};
}

template <class... Methods>
std::vector<MethodRow> rows(const std::tuple<Methods...>*) {
  return {row<Methods>()...};
}

const std::vector<MethodRow>& table() {
  static const auto all = rows(static_cast<const proto::Methods*>(nullptr));
  return all;
}

}  // namespace

std::span<const MethodRow> method_table() { return table(); }

const MethodRow* find_method(std::string_view name) {
  const auto found = std::ranges::find(table(), name, &MethodRow::name);
  return found == table().end() ? nullptr : &*found;
}

Result<Json> arguments_from_words(const std::vector<std::string>& words) {
  if (words.size() == 1 && words[0].starts_with('{')) return shallow_json(words[0]);
  Json json = Json::object();
  for (const auto& word : words) {
    const auto equals = word.find('=');
    if (equals == std::string::npos || equals == 0)
      return fail(Status::invalid_argument, "'" + word + "' is not NAME=VALUE, nor is it a JSON object");
    const auto value = word.substr(equals + 1);
    if (word[equals - 1] != ':') {
      json[word.substr(0, equals)] = value;
      continue;
    }
    auto parsed = shallow_json(value);
    if (!parsed) return fail(parsed.error().status, "what follows := in '" + word + "': " + parsed.error().sentence);
    json[word.substr(0, equals - 1)] = *std::move(parsed);
  }
  return json;
}

Result<std::string> json_from_words(std::string_view line) {
  std::vector<std::string> words;
  if (const auto first = line.find_first_not_of(' '); first != std::string_view::npos && line[first] == '{') {
    words.emplace_back(line.substr(first));
  } else {
    bool begins = true, quoted = false;
    for (const char c : line) {
      if (c == ' ' && !quoted) {
        begins = true;
        continue;
      }
      if (std::exchange(begins, false)) words.emplace_back();
      c == '"' ? void(quoted = !quoted) : words.back().push_back(c);
    }
    if (quoted) return fail(Status::invalid_argument, "a double quote has no partner");
  }
  auto arguments = arguments_from_words(words);
  if (!arguments) return tl::unexpected(std::move(arguments.error()));
  return arguments->dump();
}

}  // namespace hubbub::json
