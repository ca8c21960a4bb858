// Calls of services: words --> JSON --> the link --> what it answers, line by line, and a receipt.
#include <algorithm>
#include <utility>

#include "client/json/method_table.hpp"
#include "client/json/pretty.hpp"
#include "client/link/service_receipt.hpp"
#include "client/tui/app/app.hpp"
#include "common/escape.hpp"

namespace hubbub::tui {

namespace {

/// A longer answer is for the shell.
constexpr std::size_t shown_lines_max = 50;
constexpr std::size_t line_bytes_max = 2000;

std::vector<std::string> lines_of(std::string_view result) {
  std::vector<std::string> lines;
  if (result.empty()) return lines;
  const auto add = [&](std::string line) {
    if (lines.size() == shown_lines_max) line = "… and more: hubbub call prints all of it";
    if (lines.size() <= shown_lines_max) lines.push_back(escape_for_terminal(line.substr(0, line_bytes_max)));
    return lines.size() <= shown_lines_max;
  };
  if (json::check_json(result)) {
    json::each_pretty_line(result, [&](const json::PrettyLine& line) {
      return add(std::string(line.indent, ' ') + std::string(line.key) + (line.key.empty() ? "" : ": ") +
                 std::string(line.value) + (line.comma ? "," : ""));
    });
    return lines;
  }
  while (!result.empty()) {
    const auto end = std::min(result.find('\n'), result.size());
    if (!add(std::string(result.substr(0, end)))) break;
    result.remove_prefix(std::min(end + 1, result.size()));
  }
  return lines;
}

}  // namespace

asio::awaitable<void> App::call_service(CallService effect) {
  auto arguments = json::json_from_words(effect.words);
  if (!arguments) co_return answer(ServiceCalled{effect.room, arguments.error().sentence, {}, true});
  CallId id;
  link::CallOptions options;
  options.given = &id;
  const link::ServiceWish at_most_once;
  const auto reply = co_await link_.call_service(effect.method, *std::move(arguments), at_most_once, options);
  if (!reply) {
    const auto sentence =
        effect.method.str() + ": " + reply.error().sentence + " (" + std::string(name_of(reply.error().status)) + ")";
    co_return answer(ServiceCalled{effect.room, escape_for_terminal(sentence), {}, true});
  }
  answer(
      ServiceCalled{effect.room, link::receipt_of(*reply, id), lines_of(reply->answers.front().result.bytes), false});
}

}  // namespace hubbub::tui
