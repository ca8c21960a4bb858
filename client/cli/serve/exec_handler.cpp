// A call is a process: /bin/sh -c COMMAND.
#include <cerrno>
#include <map>
#include <optional>
#include <utility>

#include "client/cli/last_lines.hpp"
#include "client/cli/serve/bounded_lines.hpp"
#include "client/cli/serve/exit_status.hpp"
#include "client/cli/serve/handler.hpp"
#include "client/cli/serve/told.hpp"
#include "common/piped_process.hpp"

namespace hubbub::cli {

namespace {

constexpr std::size_t last_lines_max = 100;  // among which the last one that isn't blank is looked for

std::string_view last_words_of(std::string_view lines) {
  const auto end = lines.find_last_not_of(" \t\n");
  if (end == std::string_view::npos) return {};
  lines = lines.substr(0, end + 1);
  return lines.substr(lines.rfind('\n') + 1);  // npos + 1 is 0
}

Served cannot_start(std::error_code why) {
  const bool too_long = why == std::errc::argument_list_too_long;
  return {too_long ? Status::out_of_range : Status::resource_exhausted,
          "the command can't be started: " + why.message()};
}

class ExecHandler : public Handler {
 public:
  ExecHandler(asio::io_context& loop, std::string command, const HandlerLimits& limits, Tell tell)
      : loop_(loop), command_(std::move(command)), limits_(limits), told_(std::move(tell)) {}
  ~ExecHandler() override;
  ExecHandler(const ExecHandler&) = delete;
  ExecHandler& operator=(const ExecHandler&) = delete;

  void run(ServedCall call, Done done) override;
  void stop(std::uint64_t id) override;
  void end(std::chrono::milliseconds grace, std::function<void()> ended) override;
  [[nodiscard]] std::size_t running() const override { return calls_.size(); }

 private:
  struct Call {
    Call(asio::io_context& loop, Done to_tell) : done(std::move(to_tell)), deadline(loop) {}
    Done done;
    asio::steady_timer deadline;
    std::shared_ptr<PipedProcess> process;  ///< none: it couldn't be started, and that is about to be told
    std::string result;
    LastLines last_lines;
    BoundedLines lines{sentence_bytes_max};
    std::optional<Served> verdict;  ///< whatever its end is going to be
  };
  using Calls = std::map<std::uint64_t, Call>;

  [[nodiscard]] Program program_for(std::vector<std::string> variables) const;
  void start(std::uint64_t id, Call& call, ServedCall&& what);
  void set_deadline(std::uint64_t id, Call& call, std::chrono::milliseconds deadline);
  void take_output(Call& call, std::string_view bytes) const;
  void take_error(Call& call, std::string_view bytes);
  void has_ended(std::uint64_t id, int wait_status);
  void stop(Call& call, std::chrono::milliseconds grace, Served verdict) const;
  void finish(std::uint64_t id, Served served);
  void finish_later(std::uint64_t id);
  void tell_if_ended();

  asio::io_context& loop_;
  const std::string command_;
  const HandlerLimits limits_;
  Told told_;
  Calls calls_;
  bool ending_ = false;
  std::function<void()> ended_;
  std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);
};

ExecHandler::~ExecHandler() {
  *alive_ = false;
  for (auto& [id, call] : calls_)
    if (call.process) call.process->abandon();
}

// ── beginning ───────────────────────────────────────────────────────────────────────────────────────────────────────

void ExecHandler::run(ServedCall what, Done done) {
  const auto id = what.id;
  auto& call = calls_.try_emplace(id, loop_, std::move(done)).first->second;
  if (ending_)
    call.verdict = {Status::unavailable, "the service is about to end"};
  else
    start(id, call, std::move(what));
  if (!call.process) finish_later(id);
}

Program ExecHandler::program_for(std::vector<std::string> variables) const {
  Program program;
  program.words = {"/bin/sh", "-c", command_};
  program.environment = environment_with(std::move(variables));
  return program;
}

void ExecHandler::start(std::uint64_t id, Call& call, ServedCall&& what) {
  PipedProcess::Events events;
  events.output = [this, &call](std::string_view bytes) { take_output(call, bytes); };
  events.error = [this, &call](std::string_view bytes) { take_error(call, bytes); };
  events.ended = [this, id](int wait_status) { has_ended(id, wait_status); };
  auto started = PipedProcess::start(loop_, program_for(std::move(what.variables)), std::move(events));
  if (!started) {
    call.verdict = cannot_start(started.error());
    return;
  }
  call.process = *std::move(started);
  call.process->send(what.arguments += '\n');  // it need not read it
  call.process->end_input();
  if (what.deadline.count() > 0) set_deadline(id, call, what.deadline);
}

void ExecHandler::set_deadline(std::uint64_t id, Call& call, std::chrono::milliseconds deadline) {
  call.deadline.expires_after(deadline);
  call.deadline.async_wait([this, id, alive = alive_](std::error_code ended) {
    if (ended || !*alive) return;
    const auto found = calls_.find(id);
    if (found != calls_.end())
      stop(found->second, limits_.grace, {Status::deadline_exceeded, "the command wasn't done in time"});
  });
}

void ExecHandler::finish_later(std::uint64_t id) {
  asio::post(loop_, [this, id, alive = alive_] {
    if (*alive) finish(id, {});
  });
}

// ── what it says ────────────────────────────────────────────────────────────────────────────────────────────────────

/// The newline at its end is one byte more.
void ExecHandler::take_output(Call& call, std::string_view bytes) const {
  if (call.verdict) return;
  const auto max = limits_.result_bytes_max;
  call.result += bytes.substr(0, max + 2 - call.result.size());
  if (call.result.size() <= max || (call.result.size() == max + 1 && call.result.back() == '\n')) return;
  call.verdict = {Status::out_of_range, "the command's result is longer than " + std::to_string(max) + " bytes"};
  call.result = {};
  call.process->kill();
}

void ExecHandler::take_error(Call& call, std::string_view bytes) {
  call.last_lines.append(bytes);
  call.lines.append(bytes, [this](std::string_view line, bool) { told_.tell(line); });
}

// ── its end ─────────────────────────────────────────────────────────────────────────────────────────────────────────

void ExecHandler::has_ended(std::uint64_t id, int wait_status) {
  auto& call = calls_.at(id);
  call.lines.finish([this](std::string_view line, bool) { told_.tell(line); });
  auto served = served_by_end(wait_status, last_words_of(call.last_lines.text(last_lines_max)));
  if (served.status == Status::ok) {
    if (call.result.ends_with('\n')) call.result.pop_back();
    served.result = std::move(call.result);
  }
  finish(id, std::move(served));
}

/// As the verdict is, if there was one.
void ExecHandler::finish(std::uint64_t id, Served served) {
  const auto node = calls_.extract(id);
  auto& call = node.mapped();
  if (call.verdict) served = *std::move(call.verdict);
  call.done(std::move(served));
  tell_if_ended();
}

void ExecHandler::tell_if_ended() {
  if (ended_ && calls_.empty()) asio::post(loop_, std::exchange(ended_, {}));
}

void ExecHandler::stop(std::uint64_t id) {
  const auto found = calls_.find(id);
  if (found != calls_.end())
    stop(found->second, limits_.grace, {Status::cancelled, "nobody waits for the call any more"});
}

void ExecHandler::stop(Call& call, std::chrono::milliseconds grace, Served verdict) const {
  if (!call.verdict) call.verdict = std::move(verdict);
  if (call.process) call.process->stop(grace);
}

void ExecHandler::end(std::chrono::milliseconds grace, std::function<void()> ended) {
  ending_ = true;
  ended_ = std::move(ended);
  for (auto& [id, call] : calls_) stop(call, grace, {Status::cancelled, "the service has ended"});
  tell_if_ended();
}

}  // namespace

std::unique_ptr<Handler> make_exec_handler(asio::io_context& loop, std::string command, const HandlerLimits& limits,
                                           Tell tell) {
  return std::make_unique<ExecHandler>(loop, std::move(command), limits, std::move(tell));
}

}  // namespace hubbub::cli
