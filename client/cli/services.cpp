// hubbub services: who offers what, and how they do.
#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>

#include "client/cli/columns.hpp"
#include "client/cli/complain.hpp"
#include "client/cli/exit_codes.hpp"
#include "client/cli/shell.hpp"
#include "client/cli/terminal.hpp"
#include "client/json/json_rows.hpp"
#include "client/link/service_receipt.hpp"
#include "common/clock.hpp"
#include "common/duration.hpp"

namespace hubbub::cli {

namespace {

enum class What : std::uint8_t { list, info, ping };

std::string list_of(const std::vector<proto::ServiceProvider>& providers) {
  Columns columns;
  if (stdout_is_terminal())
    columns.add({"SERVICE", "PROVIDER", "HOST", "RUNNING", "CALLS", "ERRORS", "P50", "P99", "ABOUT"});
  for (const auto& one : providers)
    columns.add({one.service.str(), one.provider.str(), one.host.empty() ? "-" : one.host.str(),
                 std::to_string(one.running) + "/" + std::to_string(one.at_once), std::to_string(one.calls),
                 std::to_string(one.errors), one.calls > 0 ? link::show_us(one.p50_us) : "-",
                 one.calls > 0 ? link::show_us(one.p99_us) : "-", one.about.str()});
  return columns.str();
}

std::string methods_of(const proto::ServiceProvider& one) {
  if (one.methods.empty()) return "  any method\n";
  std::string text;
  for (const auto& method : one.methods)
    text += "  " + one.service.str() + "." + method.name.str() + (method.arguments.empty() ? "" : " ") +
            method.arguments.str() + (method.repeatable ? "  (may be repeated)" : "") + "\n";
  return text;
}

std::string details_of(const std::vector<proto::ServiceProvider>& providers) {
  std::string text;
  const auto now = SystemClock().wall_now().ns;
  for (const auto& one : providers) {
    const auto age = std::chrono::nanoseconds(now - std::min(now, one.since.ns));
    text += one.service.str() + " by " + one.provider.str() + (one.host.empty() ? "" : " on " + one.host.str()) + "\n";
    if (!one.about.empty()) text += "  " + one.about.str() + "\n";
    text += methods_of(one);
    text += "  running " + std::to_string(one.running) + " of " + std::to_string(one.at_once) + " at once, " +
            std::to_string(one.calls) + " calls, " + std::to_string(one.errors) + " errors, offered for " +
            show_duration(std::chrono::duration_cast<std::chrono::seconds>(age)) + "\n";
    if (one.calls > 0)
      text += "  p50 " + link::show_us(one.p50_us) + ", p99 " + link::show_us(one.p99_us) + " of the newest calls\n";
  }
  return text;
}

class Services : public OnlineAction {
 public:
  void declare(Syntax& syntax) override {
    syntax.operand({"NAME", "of a service; nothing: all", store(service_), Hint::none, false});
    syntax.operand({"WHAT",
                    "info: its methods with their arguments; ping: ask each provider for a sign of life",
                    [this](std::string_view word) -> Result<void> {
                      if (word != "info" && word != "ping")
                        return fail(Status::invalid_argument, "info or ping, not '" + std::string(word) + "'");
                      what_ = word == "info" ? What::info : What::ping;
                      return {};
                    },
                    Hint::choice,
                    false,
                    false,
                    {"info", "ping"}});
    syntax.option({"--json", "", "one JSON object a line", store(json_)});
  }

  Result<void> check() override {
    if (service_.empty()) return {};
    auto name = MethodName::parse(service_ + ".ping");
    if (!name) return fail(Status::invalid_argument, "'" + service_ + "' is not the name of a service, such as image");
    ping_ = *std::move(name);
    return {};
  }

 protected:
  asio::awaitable<int> talk(Shell& shell) override {
    if (what_ == What::ping) co_return co_await ping(shell);
    proto::ServiceList question{Text::literal(service_), 0};
    std::vector<proto::ServiceProvider> providers;
    while (true) {
      const auto page = co_await shell.link.call(question, shell.call_options());
      if (!page) co_return shell.complain(page.error());
      providers.insert(providers.end(), page->providers.begin(), page->providers.end());
      if (!page->more || page->providers.empty()) break;
      question.after = providers.back().number;
    }
    show(shell.out.buffer(), providers);
    if (!providers.empty()) co_return exit_code::done;
    note(service_.empty() ? "nobody offers a service now" : "nobody offers " + service_ + " now");
    co_return exit_code::nothing_found;
  }

 private:
  void show(std::string& out, std::vector<proto::ServiceProvider>& providers) const {
    std::ranges::stable_sort(providers, {}, [](const auto& one) { return one.service.str(); });
    if (json_)
      for (const auto& one : providers) out.append(json::json_row(one)).append("\n");
    else
      out += what_ == What::info ? details_of(providers) : list_of(providers);
  }

  asio::awaitable<int> ping(Shell& shell) {
    const link::ServiceWish everybody{true};
    const auto reply = co_await shell.link.call_service(ping_, "{}", everybody, shell.call_options());
    if (!reply) co_return shell.complain(reply.error());
    auto& out = shell.out.buffer();
    bool all_well = true;
    Columns columns;
    for (const auto& answer : reply->answers) {
      const bool well = answer.status == Status::ok;
      all_well = all_well && well;
      if (json_) {
        nlohmann::ordered_json line = {{"provider", answer.provider.str()}, {"host", answer.host.str()}};
        line["status"] = name_of(answer.status);
        line["took_us"] = answer.took_us;
        out += line.dump() + "\n";
      } else {
        columns.add({answer.provider.str(), answer.host.empty() ? "-" : answer.host.str(),
                     well ? link::show_us(answer.took_us) : answer.result.bytes});
      }
    }
    out += columns.str();
    co_return all_well ? exit_code::done : exit_code::unavailable;
  }

  std::string service_;
  MethodName ping_;
  What what_ = What::list;
  bool json_ = false;
};

constexpr std::array examples = {
    Example{"hubbub services", "who offers what"},
    Example{"hubbub services image info", "its methods and their arguments"},
    Example{"hubbub services image ping", "is every provider there, and how far away"},
    Example{"hubbub services --json | jq 'select(.errors > 0)'", "for a check that runs by itself"},
};

}  // namespace

extern const Command services_command;
const Command services_command = {
    "services",
    "who offers which service, and how they do",
    "[NAME [info|ping]] [--json]",
    "A line for each provider: its service, who and where it is, how many calls it runs of those that it runs at once, "
    "how many have ended, how many of them with an error, and how long half of the newest 512 took at most, and 99 of "
    "100. Exits with 1 where nobody offers it.",
    examples,
    make_action<Services>,
};

}  // namespace hubbub::cli
