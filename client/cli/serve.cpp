// hubbub serve: offers a service, whose calls programs on this host run.
//   hub --Invoke--> Link --> Handler --> a process a call, or a line to one process --> Link --Outcome--> hub
// What runs when it is told to end is finished first, for a while; nothing new is taken meanwhile.
#include <unistd.h>

#include <algorithm>
#include <array>
#include <csignal>

#include "client/cli/complain.hpp"
#include "client/cli/exit_codes.hpp"
#include "client/cli/host_name.hpp"
#include "client/cli/ready_file.hpp"
#include "client/cli/receiver.hpp"
#include "client/cli/serve/handler.hpp"
#include "client/cli/serve/told.hpp"
#include "client/cli/will.hpp"
#include "client/json/hex.hpp"
#include "client/json/pretty.hpp"

namespace hubbub::cli {

namespace {

constexpr std::uint64_t processes_at_once = 8;
constexpr std::uint64_t lines_at_once = 64;
constexpr std::chrono::milliseconds finishing_time{10'000};
constexpr std::chrono::milliseconds withdrawing_time{1000};
constexpr std::chrono::milliseconds leave_grace{500};

/// The same whenever the same call comes again, and of no other call.
std::string idempotency_key(const link::Invocation& call) {
  return json::to_hex(call.client) + "-" + std::to_string(call.call.value);
}

/// As one line; none at all is an empty object. Fails with invalid_argument.
Result<std::string> json_line(std::string_view arguments) {
  if (arguments.empty()) return "{}";
  std::string line;
  if (auto depth = json::minify(arguments, line); !depth)
    return fail(Status::invalid_argument, "the arguments are no well-formed JSON: " + depth.error().sentence);
  return line;
}

/// "scale FILE WIDTH" is the method `scale` and what is to be said of its arguments.
Result<proto::ServiceMethod> method_of(std::string_view words) {
  const auto end = words.find(' ');
  auto name = GroupName::parse(words.substr(0, end));
  if (!name || name->empty())
    return fail(Status::invalid_argument, "'" + std::string(words) + "' doesn't begin with the name of a method");
  auto arguments = Text::parse(end == std::string_view::npos ? "" : words.substr(end + 1));
  if (!arguments) return tl::unexpected(std::move(arguments.error()));
  return proto::ServiceMethod{*std::move(name), *std::move(arguments), false};
}

class Serve : public OnlineAction {
 public:
  void declare(Syntax& syntax) override;
  Result<void> check() override;

 protected:
  /// The hub has to see that it goes.
  [[nodiscard]] bool uses_agent() const override { return false; }
  void prepare(link::Options&) override {
    std::signal(SIGPIPE, SIG_IGN);
    std::signal(SIGCHLD, SIG_DFL);  // ignored, it would take the commands' ends away from us
  }
  asio::awaitable<int> talk(Shell& shell) override;
  asio::awaitable<void> last_words(Shell& shell, bool written) override;
  /// Its programs have sessions of their own, which no Ctrl-C reaches.
  void cut_short() override { handler_.reset(); }

 private:
  [[nodiscard]] link::OfferHandlers handlers(Shell& shell);
  void run(Shell& shell, link::Invocation call);
  [[nodiscard]] std::vector<std::string> variables(const Shell& shell, const link::Invocation& call) const;
  asio::awaitable<bool> wait_for_finish(std::chrono::milliseconds longest) const;

  proto::ServiceOffer offer_;
  std::string service_, about_;
  std::optional<std::string> exec_, lines_, ready_file_;
  std::optional<std::uint64_t> at_once_;
  std::optional<std::chrono::milliseconds> grace_;
  bool repeatable_ = false;
  WillOption will_;
  std::unique_ptr<Handler> handler_;
  bool cut_off_ = false;
  std::shared_ptr<asio::steady_timer> finished_;  ///< while it ends: cancelled when nothing runs any more
};

void Serve::declare(Syntax& syntax) {
  syntax.operand({"NAME", "of the service; its methods are called as NAME.METHOD", store(service_)});
  syntax.option({"--exec", "COMMAND", "run /bin/sh -c COMMAND for each call: arguments on stdin, result on stdout",
                 store(exec_)});
  syntax.option(
      {"--lines", "COMMAND", "run it once, for all calls: a line of JSON for each, and one back", store(lines_)});
  syntax.option({"--method",
                 "METHOD",
                 "'NAME [ARGUMENTS…]': it has this one, and so no others but those named so; for hubbub services",
                 [this](std::string_view words) -> Result<void> {
                   auto method = method_of(words);
                   if (!method) return tl::unexpected(method.error());
                   offer_.methods.push_back(*std::move(method));
                   return {};
                 },
                 Hint::none,
                 {},
                 true});
  syntax.option({"--repeatable", "", "the methods named do no more when run twice, so lost calls are handed on",
                 store(repeatable_)});
  syntax.option(
      {"--at-once", "COUNT", "calls at a time, more are refused (8; with --lines 64)", store(at_once_, 1, UINT32_MAX)});
  syntax.option({"--about", "TEXT", "a line about it for hubbub services", store(about_)});
  syntax.option(
      {"--grace", "DURATION", "between SIGTERM and SIGKILL for a call that is over its time (2s)", store(grace_)});
  will_.declare(syntax);
  syntax.option({"--ready-file", "FILE", "write this file once calls are taken", store(ready_file_), Hint::file});
}

Result<void> Serve::check() {
  auto name = MethodName::parse(service_);
  if (!name) return fail(Status::invalid_argument, "'" + service_ + "' is not the name of a service, such as image");
  auto about = Topic::parse(about_);
  if (!about) return tl::unexpected(std::move(about.error()));
  if (exec_.has_value() == lines_.has_value())
    return fail(Status::invalid_argument, "say with --exec COMMAND or --lines COMMAND what runs the calls");
  if (repeatable_ && offer_.methods.empty())
    return fail(Status::invalid_argument, "--repeatable is about the methods that --method names");
  offer_.service = *std::move(name);
  offer_.about = *std::move(about);
  offer_.host = Topic::parse(host_name()).value_or(Topic());
  offer_.at_once = static_cast<std::uint32_t>(at_once_.value_or(exec_ ? processes_at_once : lines_at_once));
  for (auto& method : offer_.methods) method.repeatable = repeatable_;
  return {};
}

asio::awaitable<int> Serve::talk(Shell& shell) {
  HandlerLimits limits;
  if (grace_) limits.grace = *grace_;
  const Tell tell = tell_on_stderr(shell.loop);
  handler_ = exec_ ? make_exec_handler(shell.loop, *exec_, limits, tell)
                   : make_lines_handler(shell.loop, *lines_, limits, tell,
                                        {"HUBBUB_SERVICE=" + service_, "HUBBUB_URL=" + shell.hub.str()});
  const auto offered = co_await shell.link.offer(offer_, handlers(shell), shell.call_options());
  if (!offered) co_return shell.complain(offered.error());
  const auto will_left = co_await will_.leave(shell);
  if (!will_left) co_return shell.complain(will_left.error());
  if (!tell_ready(ready_file_)) co_return exit_code::input_output;
  note(service_ + " is offered; Ctrl-C ends it, once what runs is done");
  Receiver::Handlers nothing;
  nothing.message = [](const link::Message&) { return std::optional<int>(); };
  Receiver receiver(shell, std::move(nothing));
  co_return co_await receiver.run();
}

link::OfferHandlers Serve::handlers(Shell& shell) {
  link::OfferHandlers handlers;
  handlers.invoked = [this, &shell](link::Invocation call) { run(shell, std::move(call)); };
  handlers.revoked = [this](InvocationId id) { handler_->stop(id.value); };
  handlers.refused = [this](const Error& why) { complain(service_ + " is not offered: " + why.sentence); };
  return handlers;
}

void Serve::run(Shell& shell, link::Invocation call) {
  auto arguments = json_line(call.arguments);
  if (!arguments) {
    shell.link.answer(call.id, arguments.error().status, arguments.error().sentence);
    return;
  }
  ServedCall served{call.id.value, call.method, *std::move(arguments), variables(shell, call),
                    std::chrono::milliseconds(call.deadline_ms)};
  handler_->run(std::move(served), [this, &shell, id = call.id](Served outcome) {
    // What is cut off is left to the hub, which hands on what may be repeated.
    if (!cut_off_ || outcome.status == Status::ok) shell.link.answer(id, outcome.status, outcome.result);
    if (finished_ != nullptr && handler_->running() == 0) finished_->cancel();
  });
}

std::vector<std::string> Serve::variables(const Shell& shell, const link::Invocation& call) const {
  return {"HUBBUB_SERVICE=" + service_,
          "HUBBUB_METHOD=" + call.method,
          "HUBBUB_FROM=" + call.from.str(),
          call.verified ? "HUBBUB_VERIFIED=1" : "HUBBUB_VERIFIED=0",
          "HUBBUB_CALL=" + idempotency_key(call),
          "HUBBUB_ATTEMPT=" + std::to_string(call.attempt),
          "HUBBUB_DEADLINE_MS=" + std::to_string(call.deadline_ms),
          "HUBBUB_URL=" + shell.hub.str()};
}

asio::awaitable<void> Serve::last_words(Shell& shell, bool) {
  if (!handler_) co_return;
  co_await will_.take_back(shell);
  finished_ = std::make_shared<asio::steady_timer>(shell.loop);
  const link::CallOptions options{withdrawing_time};
  if (shell.link.online()) co_await shell.link.withdraw(offer_.service, options);
  if (const auto running = handler_->running(); running > 0) {
    note("waiting for " + std::to_string(running) + (running == 1 ? " running call" : " running calls") +
         "; Ctrl-C again doesn't");
    co_await wait_for_finish(finishing_time);
  }
  cut_off_ = true;
  const auto grace = grace_.value_or(HandlerLimits{}.grace);
  bool waits = true;
  const auto ended = std::make_shared<bool>(false);
  handler_->end(grace, [over = finished_, ended] {
    *ended = true;
    over->cancel();
  });
  while (waits && !*ended) waits = co_await wait_for_finish(2 * grace);
  handler_.reset();
  co_await shell.link.close(leave_grace);
}

/// False if that took `longest`.
asio::awaitable<bool> Serve::wait_for_finish(std::chrono::milliseconds longest) const {
  finished_->expires_after(longest);
  std::error_code finished;
  co_await finished_->async_wait(asio::redirect_error(asio::use_awaitable, finished));
  co_return finished == asio::error::operation_aborted;
}

constexpr std::array examples = {
    Example{"hubbub serve image --exec 'jq -r .file | xargs identify' --method 'size FILE'", "a process for each call"},
    Example{"hubbub serve sum --lines ./sum.py --at-once 100", "one that answers all, a line of JSON each"},
    Example{"hubbub call image.size file=cat.png", "how it is called, from anywhere"},
};

}  // namespace

extern const Command serve_command;
const Command serve_command = {
    "serve",
    "offer a service whose calls a program here runs",
    "NAME (--exec COMMAND | --lines COMMAND) [options]",
    "Whoever is at the hub calls it with hubbub call NAME.METHOD. Several may offer the same NAME: the least busy is "
    "given the next call, and one that has as many as --at-once allows is given no more. With none free the caller is "
    "refused at once.\n\n"
    "--exec: the arguments come as JSON on stdin, what is written to stdout is the result. Exit code 0 is ok; others "
    "become the status (64 invalid_argument, 66 not_found, 69 unavailable, 75 "
    "resource_exhausted, 77 permission_denied …), and the last line of stderr is the reason. In the environment: "
    "HUBBUB_SERVICE, HUBBUB_METHOD, HUBBUB_FROM, HUBBUB_VERIFIED (1 or 0), HUBBUB_CALL (the same whenever the same "
    "call "
    "comes again: an idempotency key), HUBBUB_ATTEMPT, HUBBUB_DEADLINE_MS (0: none) and HUBBUB_URL.\n\n"
    "--lines: COMMAND gets {\"id\":7,\"method\":\"size\",\"arguments\":{…},…} for each call and answers with "
    "{\"id\":7,\"result\":…} or {\"id\":7,\"error\":\"why\",\"status\":\"not_found\"}, in any order. "
    "{\"id\":7,\"cancel\":true} says that nobody waits any more. It is started again where it ends.\n\n"
    "A call that is cancelled or past its deadline gets SIGTERM, then SIGKILL. On SIGTERM or Ctrl-C it takes no more "
    "calls and waits up to 10s for those that run.",
    examples,
    make_action<Serve>,
};

}  // namespace hubbub::cli
