// JSON for people, and as short as it gets. Only the blanks between tokens change: 1.10 stays 1.10.
//   {"level":"error","at":{}} --each_pretty_line-->  {
//                                                      "level": "error",
//                                                      "at": {}
//                                                    }
// What is no JSON from some byte on is a last line as it is. Lines are at most so much longer than what is in them that
// a hostile text can't grow without bound: behind a few levels they aren't indented further.
#pragma once

#include <functional>
#include <string>
#include <string_view>

#include "proto/status.hpp"

namespace hubbub::json {

struct PrettyLine {
  std::size_t indent = 0;  ///< columns
  std::string_view key;    ///< with its quotes; empty where there is none
  std::string_view value;  ///< a scalar, brackets, or what is no JSON and may be anything
  bool comma = false;
};

/// Until `line` returns false. What it is given lives as long as `text`.
void each_pretty_line(std::string_view text, const std::function<bool(const PrettyLine&)>& line);

/// How many there are.
std::size_t count_pretty_lines(std::string_view text);

/// Appends the tokens without blanks; returns how many brackets are within brackets. Fails with invalid_argument and
/// where the flaw is, having appended what is before that.
Result<std::size_t> minify(std::string_view text, std::string& out);

/// Fails with invalid_argument and a sentence, "line 1, column 9: a colon belongs here".
Result<void> check_json(std::string_view text);

}  // namespace hubbub::json
