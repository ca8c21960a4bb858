// The lines between `hubbub serve --lines` and its program: one JSON object each.
//   to it:    {"id":7,"method":"scale","arguments":{"by":2},"from":"alice","call":"…","deadline_ms":4000}
//             {"id":7,"cancel":true}      nobody waits for it any more; it may still be answered, and isn't heard later
//   from it:  {"id":7,"result":42}        any JSON
//             {"id":7,"error":"no such image","status":"not_found"}      status: unknown, if there is none
// In any order, the id first where the line is long. Fields that aren't named here are left alone. Pure.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "client/cli/serve/handler.hpp"

namespace hubbub::cli {

/// With its newline. The program's variables become fields: HUBBUB_FROM=alice is "from":"alice"; `deadline_ms` is there
/// if the call has one.
std::string call_line(const ServedCall& call);
std::string cancel_line(std::uint64_t id);

struct Answer {
  std::uint64_t id = 0;
  Served served;  ///< the result as it was written, without the blanks around it
};

/// Nothing, if the line is no answer. Total; linear in the line.
std::optional<Answer> parse_answer(std::string_view line);

/// Of a line whose rest is missing. Nothing, if its beginning doesn't tell.
std::optional<std::uint64_t> id_in_beginning(std::string_view line);

}  // namespace hubbub::cli
