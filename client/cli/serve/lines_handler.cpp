// All calls are lines to one process, which is started again whenever it ends.
//   runs --> ended --> every call under way is lost --> waits, longer each time unless it has answered --> runs …
#include <map>
#include <optional>
#include <unordered_set>
#include <utility>

#include "client/cli/serve/bounded_lines.hpp"
#include "client/cli/serve/call_lines.hpp"
#include "client/cli/serve/exit_status.hpp"
#include "client/cli/serve/handler.hpp"
#include "client/cli/serve/told.hpp"
#include "client/link/backoff.hpp"
#include "common/piped_process.hpp"
#include "common/random.hpp"

namespace hubbub::cli {

namespace {

/// What is around a result in its line, blanks that a JSON library writes included.
constexpr std::size_t answer_bytes_around = 1024;
/// Answered too late: not worth a word. Of more than so many it is said.
constexpr std::size_t given_up_max = 1000;

double chance() { return static_cast<double>(random64() >> 11) * 0x1.0p-53; }

class LinesHandler : public Handler {
 public:
  LinesHandler(asio::io_context& loop, std::string command, const HandlerLimits& limits, Tell tell,
               std::vector<std::string> variables);
  ~LinesHandler() override;
  LinesHandler(const LinesHandler&) = delete;
  LinesHandler& operator=(const LinesHandler&) = delete;

  void run(ServedCall call, Done done) override;
  void stop(std::uint64_t id) override;
  void end(std::chrono::milliseconds grace, std::function<void()> ended) override;
  [[nodiscard]] std::size_t running() const override { return calls_.size(); }

 private:
  struct Call {
    Call(asio::io_context& loop, Done to_tell) : done(std::move(to_tell)), timer(loop) {}
    Done done;
    asio::steady_timer timer;       ///< its deadline, then its grace
    std::uint64_t begins_at = 0;    ///< its line, in all that this process is sent
    std::optional<Served> verdict;  ///< whatever it is answered
    bool is_with_process = false;   ///< its line was sent
  };
  using Calls = std::map<std::uint64_t, Call>;

  void start();
  void dismiss();
  void try_again(const std::string& why);
  std::optional<Served> send(Call& call, const ServedCall& what);
  void take_line(std::string_view line, bool cut);
  void take_answer(Answer answer);
  void give_up(std::uint64_t id, Served verdict);
  void set_timer(std::uint64_t id, Call& call, std::chrono::milliseconds wait,
                 void (LinesHandler::*then)(std::uint64_t));
  void deadline_passed(std::uint64_t id);
  void grace_passed(std::uint64_t id);
  void finish(std::uint64_t id, Served served);
  void has_ended(int wait_status);
  void lose_all(const std::string& how, std::uint64_t taken);
  void finish_later(std::uint64_t id, Served served);
  void tell_if_ended();

  asio::io_context& loop_;
  const std::string command_;
  const std::vector<std::string> variables_;
  const HandlerLimits limits_;
  Told told_;
  std::shared_ptr<PipedProcess> process_;  ///< none: it has ended
  bool is_dismissed_ = false;
  BoundedLines output_, error_;
  link::Backoff backoff_;
  asio::steady_timer pause_;
  Calls calls_;
  std::unordered_set<std::uint64_t> given_up_;
  bool ending_ = false;
  std::function<void()> ended_;
  std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);
};

LinesHandler::LinesHandler(asio::io_context& loop, std::string command, const HandlerLimits& limits, Tell tell,
                           std::vector<std::string> variables)
    : loop_(loop),
      command_(std::move(command)),
      variables_(std::move(variables)),
      limits_(limits),
      told_(std::move(tell)),
      output_(limits.result_bytes_max + answer_bytes_around),
      error_(sentence_bytes_max),
      backoff_(limits.restart_min, limits.restart_max),
      pause_(loop) {
  start();
}

LinesHandler::~LinesHandler() {
  *alive_ = false;
  if (process_) process_->abandon();
}

// ── the process ─────────────────────────────────────────────────────────────────────────────────────────────────────

void LinesHandler::start() {
  Program program;
  program.words = {"/bin/sh", "-c", command_};
  program.environment = environment_with(variables_);
  PipedProcess::Events events;
  events.output = [this](std::string_view bytes) {
    output_.append(bytes, [this](std::string_view line, bool cut) { take_line(line, cut); });
  };
  events.error = [this](std::string_view bytes) {
    error_.append(bytes, [this](std::string_view line, bool) { told_.tell(line); });
  };
  events.output_closed = [this] { dismiss(); };  // no answer can come any more
  events.ended = [this](int wait_status) { has_ended(wait_status); };
  auto started = PipedProcess::start(loop_, std::move(program), std::move(events));
  if (!started) return try_again("can't be started: " + started.error().message());
  process_ = *std::move(started);
  is_dismissed_ = false;
}

/// It can't do its work any more: another one is to take its place.
void LinesHandler::dismiss() {
  is_dismissed_ = true;
  process_->stop(limits_.grace);
}

void LinesHandler::try_again(const std::string& why) {
  const auto wait = backoff_.next(chance());
  told_.tell("the command " + why + "; it is started again in " + std::to_string(wait.count()) + " ms");
  pause_.expires_after(wait);
  pause_.async_wait([this, alive = alive_](std::error_code stopped) {
    if (!stopped && *alive && !ending_) start();
  });
}

void LinesHandler::has_ended(int wait_status) {
  const auto taken = std::exchange(process_, nullptr)->bytes_taken();
  output_.finish([this](std::string_view line, bool cut) { take_line(line, cut); });
  error_.finish([this](std::string_view line, bool) { told_.tell(line); });
  const auto how = show_end(wait_status);
  if (!ending_) try_again(how);
  lose_all(how, taken);
  given_up_.clear();
  tell_if_ended();
}

/// A call of which no byte came into the pipe may go to somebody else.
void LinesHandler::lose_all(const std::string& how, std::uint64_t taken) {
  std::vector<std::uint64_t> ids;
  for (const auto& [id, call] : calls_)
    if (call.is_with_process) ids.push_back(id);
  for (const auto id : ids) {
    const auto found = calls_.find(id);
    if (found == calls_.end()) continue;
    const bool unseen = found->second.begins_at >= taken;
    finish(id, unseen ? Served{Status::unavailable, "the command " + how + " before it took the call"}
                      : Served{Status::unknown, "the command ended in the middle of the call: it " + how});
  }
}

// ── a call ──────────────────────────────────────────────────────────────────────────────────────────────────────────

void LinesHandler::run(ServedCall what, Done done) {
  const auto id = what.id;
  auto& call = calls_.try_emplace(id, loop_, std::move(done)).first->second;
  auto refusal = send(call, what);
  if (refusal) return finish_later(id, *std::move(refusal));
  if (what.deadline.count() > 0) set_timer(id, call, what.deadline, &LinesHandler::deadline_passed);
}

std::optional<Served> LinesHandler::send(Call& call, const ServedCall& what) {
  if (ending_) return Served{Status::unavailable, "the service is about to end"};
  if (!process_ || is_dismissed_)
    return Served{Status::unavailable, "the command isn't running; it is about to be started again"};
  const auto line = call_line(what);
  if (process_->bytes_waiting() + line.size() > limits_.input_bytes_max)
    return Served{Status::resource_exhausted, "the command doesn't read its calls as fast as they come"};
  call.begins_at = process_->bytes_taken() + process_->bytes_waiting();
  call.is_with_process = process_->send(line);
  if (call.is_with_process) return std::nullopt;
  dismiss();
  return Served{Status::unavailable, "the command has closed its stdin"};
}

void LinesHandler::finish_later(std::uint64_t id, Served served) {
  asio::post(loop_, [this, alive = alive_, id, served = std::move(served)]() mutable {
    if (*alive) finish(id, std::move(served));
  });
}

void LinesHandler::set_timer(std::uint64_t id, Call& call, std::chrono::milliseconds wait,
                             void (LinesHandler::*then)(std::uint64_t)) {
  call.timer.expires_after(wait);
  call.timer.async_wait([this, alive = alive_, id, then](std::error_code stopped) {
    if (!stopped && *alive) (this->*then)(id);
  });
}

void LinesHandler::deadline_passed(std::uint64_t id) {
  give_up(id, {Status::deadline_exceeded, "the command wasn't done in time"});
}

void LinesHandler::stop(std::uint64_t id) { give_up(id, {Status::cancelled, "nobody waits for the call any more"}); }

/// The first time: says so to the command, which has its grace then.
void LinesHandler::give_up(std::uint64_t id, Served verdict) {
  const auto found = calls_.find(id);
  if (found == calls_.end() || found->second.verdict) return;
  auto& call = found->second;
  call.verdict = std::move(verdict);
  if (!call.is_with_process) return;  // its refusal is about to be told
  if (process_) process_->send(cancel_line(id));
  set_timer(id, call, limits_.grace, &LinesHandler::grace_passed);
}

void LinesHandler::grace_passed(std::uint64_t id) {
  if (!calls_.contains(id)) return;
  if (given_up_.size() >= given_up_max) given_up_.clear();
  given_up_.insert(id);
  finish(id, {});
}

/// As the verdict is, if there was one.
void LinesHandler::finish(std::uint64_t id, Served served) {
  const auto node = calls_.extract(id);
  if (node.empty()) return;
  auto& call = node.mapped();
  if (call.verdict) served = *std::move(call.verdict);
  call.done(std::move(served));
  tell_if_ended();
}

// ── what it says ────────────────────────────────────────────────────────────────────────────────────────────────────

void LinesHandler::take_line(std::string_view line, bool cut) {
  if (line.empty()) return;
  const auto max = limits_.result_bytes_max;
  auto answer = cut ? std::nullopt : parse_answer(line);
  if (cut) {
    if (const auto id = id_in_beginning(line)) answer = Answer{*id, {}};
  }
  if (!answer) return told_.tell("the command wrote no answer, but ", line);
  if (cut || answer->served.result.size() > max)
    answer->served = {Status::out_of_range, "the command's result is longer than " + std::to_string(max) + " bytes"};
  take_answer(*std::move(answer));
}

void LinesHandler::take_answer(Answer answer) {
  backoff_.reset();
  const auto found = calls_.find(answer.id);
  if (found != calls_.end() && found->second.is_with_process) return finish(answer.id, std::move(answer.served));
  if (given_up_.erase(answer.id) == 0)
    told_.tell("the command answered a call that isn't under way: " + std::to_string(answer.id));
}

// ── the end ─────────────────────────────────────────────────────────────────────────────────────────────────────────

void LinesHandler::end(std::chrono::milliseconds grace, std::function<void()> ended) {
  ending_ = true;
  ended_ = std::move(ended);
  pause_.cancel();
  for (auto& [id, call] : calls_)
    if (!call.verdict) call.verdict = {Status::cancelled, "the service has ended"};
  if (process_) process_->stop(grace);
  tell_if_ended();
}

void LinesHandler::tell_if_ended() {
  if (ended_ && !process_ && calls_.empty()) asio::post(loop_, std::exchange(ended_, {}));
}

}  // namespace

std::unique_ptr<Handler> make_lines_handler(asio::io_context& loop, std::string command, const HandlerLimits& limits,
                                            Tell tell, std::vector<std::string> variables) {
  return std::make_unique<LinesHandler>(loop, std::move(command), limits, std::move(tell), std::move(variables));
}

}  // namespace hubbub::cli
