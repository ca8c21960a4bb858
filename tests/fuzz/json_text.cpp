// JSON as text: laid out or as short as it gets, it has the same tokens; and what isn't JSON does no harm.
#include "client/json/pretty.hpp"

#include "tests/fuzz/target.hpp"

namespace {

using namespace hubbub;
using fuzz::promise;

std::string pretty(std::string_view text) {
  std::string out;
  json::each_pretty_line(text, [&](const json::PrettyLine& line) {
    out.append(line.indent, ' ').append(line.key).append(line.key.empty() ? "" : ":");
    out.append(line.value).append(line.comma ? ",\n" : "\n");
    return true;
  });
  return out;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto text = fuzz::view(data, size);
  std::string small, small_of_pretty;
  const auto depth = json::minify(text, small);
  const auto laid_out = pretty(text);
  promise(laid_out.size() <= 64 * size, "what is laid out is bounded");
  promise(json::check_json(text).has_value() == depth.has_value(), "a flaw is a flaw");
  if (!depth) {
    promise(depth.error().sentence.size() < 200, "a refusal is short");
    return 0;
  }
  promise(json::minify(laid_out, small_of_pretty) == depth, "what is laid out is JSON");
  promise(small_of_pretty == small, "and has the same tokens");
  return 0;
}
