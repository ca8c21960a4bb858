// An argument of a method, as people are told of it.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace hubbub::json {

struct Argument {
  std::string name;
  std::string form;  ///< "ROOM", "NUMBER", "text|action|notice|data"
  bool required = false;
  std::vector<std::string_view> choices = {};
};

/// "room=ROOM [limit=NUMBER]"
std::string usage_of(const std::vector<Argument>& arguments);

}  // namespace hubbub::json
