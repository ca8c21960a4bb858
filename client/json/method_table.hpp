// The hub's methods as a table, made from proto::Methods: what `hubbub call` can call, and what its arguments are.
//   {"room": "lobby"} --encode--> bytes of the wire          reply's bytes --decode--> JSON
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "client/json/argument.hpp"
#include "proto/status.hpp"

namespace hubbub::json {

struct MethodRow {
  std::string_view name;
  std::string_view help;
  std::vector<Argument> arguments;
  /// Fails with invalid_argument and a sentence that names the argument.
  Result<std::string> (*encode)(const nlohmann::ordered_json& arguments);
  /// `arguments` as given to encode(): a room's messages don't name the room. Fails with internal.
  Result<nlohmann::ordered_json> (*decode)(std::string_view reply, const nlohmann::ordered_json& arguments);

  [[nodiscard]] std::string usage() const { return usage_of(arguments); }
};

std::span<const MethodRow> method_table();
const MethodRow* find_method(std::string_view name);

/// `{"k": "v", "n": 3}` from k=v and n:=3 (any JSON) words, a JSON object from a single word. Fails with
/// invalid_argument.
Result<nlohmann::ordered_json> arguments_from_words(const std::vector<std::string>& words);
/// The same, as text, from one line: words are parted by blanks, outside of double quotes.
Result<std::string> json_from_words(std::string_view line);

}  // namespace hubbub::json
