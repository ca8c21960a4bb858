#include "client/cli/service_call.hpp"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "client/cli/complain.hpp"
#include "client/cli/exit_codes.hpp"
#include "client/cli/render.hpp"
#include "client/cli/terminal.hpp"
#include "client/json/base64.hpp"
#include "client/json/pretty.hpp"
#include "client/link/service_receipt.hpp"
#include "proto/text.hpp"

namespace hubbub::cli {

namespace {

using Json = nlohmann::ordered_json;

/// Bytes as they are; JSON laid out on a terminal.
std::string shown(const std::string& result) {
  if (result.empty()) return {};
  if (!stdout_is_terminal() || !json::check_json(result)) return result.ends_with('\n') ? result : result + "\n";
  std::string text;
  append_pretty(result, {}, false, SIZE_MAX, "", text);
  return text + "\n";
}

/// JSON as it is; a text, where it isn't any.
std::string json_of(const std::string& result) {
  std::string json;
  if (json::minify(result, json)) return json;
  return (is_utf8(result) ? Json(result) : Json{{"base64", json::to_base64(result)}}).dump();
}

std::string json_line(const proto::ServiceAnswer& answer, const proto::ServiceReply& reply, CallId call) {
  Json about = {{"provider", answer.provider.str()}, {"host", answer.host.str()}, {"status", name_of(answer.status)}};
  about["took_us"] = answer.took_us;
  about["call"] = call.value;
  about["attempts"] = reply.attempts;
  about["replayed"] = reply.replayed;
  auto line = about.dump();
  line.pop_back();
  const bool well = answer.status == Status::ok;
  return line + (well ? ",\"result\":" : ",\"error\":") +
         (well ? json_of(answer.result.bytes) : Json(answer.result.bytes).dump()) + "}\n";
}

void complain_of(const proto::ServiceAnswer& answer) {
  const auto host = answer.host.empty() ? "" : " on " + answer.host.str();
  complain(answer.provider.str() + host + ": " + answer.result.bytes + " (" + std::string(name_of(answer.status)) +
           ")");
}

}  // namespace

asio::awaitable<int> call_service(Shell& shell, const ServiceCallWish& wish) {
  auto options = shell.call_options();
  CallId call;
  options.id = wish.id;
  options.given = &call;
  const link::ServiceWish how{wish.all, wish.once};
  const auto reply = co_await shell.link.call_service(wish.method, wish.arguments, how, options);
  if (!reply) co_return shell.complain(reply.error());
  for (const auto& answer : reply->answers) {
    if (wish.json)
      shell.out.buffer() += json_line(answer, *reply, call);
    else if (answer.status == Status::ok)
      shell.out.buffer() += shown(answer.result.bytes);
    else
      complain_of(answer);
  }
  if (wish.receipt) note(link::receipt_of(*reply, call, wish.once));
  const bool any = std::ranges::any_of(reply->answers, [](const auto& one) { return one.status == Status::ok; });
  co_return any ? exit_code::done : exit_code_of(reply->answers.front().status);
}

}  // namespace hubbub::cli
