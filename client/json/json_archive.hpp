// Structs of the wire as JSON, by the field names of their serialize().
//   struct --to_json--> {"room": "lobby", "seq": 7}          {"room": "lobby"} --from_json--> struct, or a sentence
//   describe<Struct>() --> the fields with their forms, for help
//
//   text of any kind     a string; read by its type's own rule      enum     its name
//   numbers, ids         a number; read from "7" too                 time     RFC 3339, null for never
//   bytes, std::string   a string, or {"base64": "…"}                128 bits hex
//   headers              an object                                   list     an array
//
// Heavy to compile: for few files.
#pragma once

#include <limits>
#include <nlohmann/json.hpp>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

#include "client/json/argument.hpp"
#include "client/json/base64.hpp"
#include "client/json/hex.hpp"
#include "common/time_text.hpp"
#include "proto/archive.hpp"
#include "proto/messages/stream.hpp"

namespace hubbub::json {

using Json = nlohmann::ordered_json;

// ── what a type looks like ───────────────────────────────────────────────────────────────────────────────────────────

template <class T>
inline constexpr bool is_checked = false;
template <class Rule>
inline constexpr bool is_checked<Checked<Rule>> = true;
template <class T>
inline constexpr bool is_random128 = false;
template <class Tag>
inline constexpr bool is_random128<Random128<Tag>> = true;
template <class T>
inline constexpr bool is_list = false;
template <class T>
inline constexpr bool is_list<std::vector<T>> = true;
/// A number with a type of its own: Seq, RoomId …
template <class T>
concept StrongNumber = std::is_class_v<T> && requires(T id) {
  requires std::is_integral_v<decltype(id.value)>;
};

// ── out ──────────────────────────────────────────────────────────────────────────────────────────────────────────────

template <class T>
Json to_json(const T& value);

class JsonOutput {
 public:
  template <class... Fields>
  void operator()(Fields&&... fields) {
    ((object_[fields.name] = to_json(fields.value)), ...);
  }
  Json object_ = Json::object();
};

inline Json bytes_to_json(const std::string& bytes) {
  if (is_utf8(bytes)) return bytes;
  return Json{{"base64", to_base64(bytes)}};
}

inline Json headers_to_json(const proto::Headers& headers) {
  Json object = Json::object();
  for (const auto& [key, value] : headers.list) object[key] = value;
  return object;
}

template <class T>
Json to_json(const T& value) {
  if constexpr (std::is_arithmetic_v<T>) {
    return value;
  } else if constexpr (std::is_same_v<T, std::string>) {
    return bytes_to_json(value);
  } else if constexpr (std::is_enum_v<T>) {
    return proto::name_of(value);
  } else if constexpr (is_checked<T>) {
    return value.str();
  } else if constexpr (std::is_same_v<T, WallTime>) {
    return value.ns == 0 ? Json(nullptr) : Json(rfc3339(value, 9));
  } else if constexpr (StrongNumber<T>) {
    return value.value;
  } else if constexpr (std::is_same_v<T, proto::Blob>) {
    return bytes_to_json(value.bytes);
  } else if constexpr (std::is_same_v<T, proto::Headers>) {
    return headers_to_json(value);
  } else if constexpr (is_random128<T>) {
    return to_hex(value);
  } else if constexpr (is_list<T>) {
    Json array = Json::array();
    for (const auto& item : value) array.push_back(to_json(item));
    return array;
  } else {
    JsonOutput archive;
    const_cast<T&>(value).serialize(archive);  // serialize() serves both directions; this one only reads
    return std::move(archive.object_);
  }
}

// ── in ───────────────────────────────────────────────────────────────────────────────────────────────────────────────

/// Sets `value`. Fails with a sentence about the value, without its name.
template <class T>
Result<void> from_json(const Json& json, T& value);

/// A field can be left out if what it is by default is allowed.
template <class T>
bool may_be_missing(const T& by_default) {
  if constexpr (is_checked<T>)
    return !by_default.empty() || T::parse("").has_value();
  else
    return true;
}

/// Reads fields from an object; remembers the first mistake.
class JsonInput {
 public:
  explicit JsonInput(const Json& object) : object_(object) {}

  template <class... Fields>
  void operator()(Fields&&... fields) {
    (field(fields.name, fields.value), ...);
  }

  /// After serialize(): what was wrong, be it with a field or one too many.
  [[nodiscard]] Result<void> outcome() const;

 private:
  template <class T>
  void field(const char* name, T& value) {
    known_.emplace_back(name);
    const auto found = object_.find(name);
    if (found == object_.end()) {
      if (!may_be_missing(value)) refuse(std::string(name) + " is missing");
    } else if (auto read = from_json(*found, value); !read) {
      refuse(std::string(name) + ": " + read.error().sentence);
    }
  }

  void refuse(std::string sentence) {
    if (!wrong_) wrong_ = std::move(sentence);
  }

  const Json& object_;
  std::vector<std::string> known_;
  std::optional<std::string> wrong_;
};

/// For from_json(): what isn't deep, since nlohmann's JSON is copied and written by recursion. Fails with
/// invalid_argument.
Result<Json> shallow_json(std::string_view text);

// The parts that don't depend on the struct: json_archive.cpp.
tl::unexpected<Error> refuse_value(std::string_view wanted, const Json& json);
Result<std::uint64_t> number_from_json(const Json& json, std::uint64_t max);
Result<std::int64_t> signed_from_json(const Json& json, std::int64_t min, std::int64_t max);
Result<double> real_from_json(const Json& json, double max);
Result<bool> bool_from_json(const Json& json);
Result<std::string> text_from_json(const Json& json);
Result<std::string> bytes_from_json(const Json& json);
Result<proto::Headers> headers_from_json(const Json& json);
Result<std::size_t> choice_from_json(const Json& json, std::span<const std::string_view> names);
Result<Json> array_from_json(const Json& json);

/// Stores what was read, in the type that is wanted.
template <class T, class Read, class Convert>
Result<void> store_read(T& value, const Result<Read>& read, Convert convert) {
  if (!read) return tl::unexpected(read.error());
  value = convert(*read);
  return {};
}

template <class T>
Result<void> from_json(const Json& json, T& value) {
  if constexpr (std::is_same_v<T, bool>) {
    return store_read(value, bool_from_json(json), [](bool read) { return read; });
  } else if constexpr (std::is_floating_point_v<T>) {
    return store_read(value, real_from_json(json, std::numeric_limits<T>::max()),
                      [](double read) { return static_cast<T>(read); });
  } else if constexpr (std::is_signed_v<T>) {
    return store_read(value, signed_from_json(json, std::numeric_limits<T>::min(), std::numeric_limits<T>::max()),
                      [](std::int64_t read) { return static_cast<T>(read); });
  } else if constexpr (std::is_integral_v<T>) {
    return store_read(value, number_from_json(json, std::numeric_limits<T>::max()),
                      [](std::uint64_t read) { return static_cast<T>(read); });
  } else if constexpr (std::is_same_v<T, std::string>) {
    return store_read(value, bytes_from_json(json), [](const std::string& read) { return read; });
  } else if constexpr (std::is_enum_v<T>) {
    return store_read(value, choice_from_json(json, names_of(T{})), [](std::size_t at) { return static_cast<T>(at); });
  } else if constexpr (is_checked<T>) {
    const auto text = text_from_json(json);
    if (!text) return tl::unexpected(text.error());
    auto parsed = T::parse(*text);
    if (!parsed) return tl::unexpected(parsed.error());
    value = *std::move(parsed);
    return {};
  } else if constexpr (StrongNumber<T>) {
    return from_json(json, value.value);
  } else if constexpr (std::is_same_v<T, WallTime>) {
    return from_json(json, value.ns);
  } else if constexpr (std::is_same_v<T, proto::Blob>) {
    return store_read(value, bytes_from_json(json), [](const std::string& read) { return proto::Blob{read}; });
  } else if constexpr (std::is_same_v<T, proto::Headers>) {
    return store_read(value, headers_from_json(json), [](const proto::Headers& read) { return read; });
  } else if constexpr (is_list<T>) {
    const auto array = array_from_json(json);
    if (!array) return tl::unexpected(array.error());
    for (const auto& item : *array)
      if (auto read = from_json(item, value.emplace_back()); !read) return read;
    return {};
  } else {
    if (!json.is_object()) return refuse_value("an object", json);
    JsonInput archive(json);
    value.serialize(archive);
    return archive.outcome();
  }
}

// ── about ────────────────────────────────────────────────────────────────────────────────────────────────────────────

template <class T>
Argument describe_field(const char* name, const T& by_default) {
  Argument field{name, "TEXT", !may_be_missing(by_default), {}};
  if constexpr (std::is_same_v<T, bool>) {
    field.choices = {"true", "false"};
  } else if constexpr (std::is_enum_v<T>) {
    const auto names = names_of(T{});
    field.choices.assign(names.begin(), names.end());
  } else if constexpr (std::is_same_v<T, RoomName>) {
    field.form = "ROOM";
  } else if constexpr (std::is_same_v<T, Pattern>) {
    field.form = "PATTERN";
  } else if constexpr (std::is_same_v<T, PersonName> || std::is_same_v<T, GroupName>) {
    field.form = "NAME";
  } else if constexpr (std::is_arithmetic_v<T> || StrongNumber<T>) {
    field.form = "NUMBER";
  } else if constexpr (std::is_same_v<T, proto::Headers>) {
    field.form = R"({"KEY":"VALUE"})";
  } else if constexpr (is_list<T>) {
    field.form = "LIST";
  }
  for (const auto choice : field.choices)
    field.form = (choice == field.choices.front() ? "" : field.form + "|") + std::string(choice);
  return field;
}

class Describe {
 public:
  template <class... Fields>
  void operator()(Fields&&... fields) {
    (fields_.push_back(describe_field(fields.name, fields.value)), ...);
  }
  std::vector<Argument> fields_;
};

template <class T>
std::vector<Argument> describe() {
  T by_default{};
  Describe archive;
  by_default.serialize(archive);
  return std::move(archive.fields_);
}

}  // namespace hubbub::json
