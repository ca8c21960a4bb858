#include "client/cli/workers.hpp"

#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <utility>

#include "client/cli/complain.hpp"
#include "client/cli/exit_codes.hpp"
#include "client/link/message_variables.hpp"

namespace hubbub::cli {

namespace {

/// Of stderr, for whoever looks at the dead.
constexpr std::size_t detail_lines_max = 20;
/// Messages that are known to be done: those whose Settle may have been lost with a connection.
constexpr std::size_t done_max = 1024;
/// This host has no more of something, which it has again once one of our processes has ended.
bool is_shortage(std::error_code why) {
  return why == std::errc::resource_unavailable_try_again || why == std::errc::too_many_files_open ||
         why == std::errc::too_many_files_open_in_system || why == std::errc::not_enough_memory;
}

/// How often it is looked whether the hub gives us something though we are about to end.
constexpr std::chrono::milliseconds look_after{100};

}  // namespace

Handled handled_by_end(int wait_status) {
  using proto::Verdict;
  if (WIFSIGNALED(wait_status)) return {Verdict::again, "signal " + std::to_string(WTERMSIG(wait_status))};
  const int code = WEXITSTATUS(wait_status);
  if (code == exit_code::done) return {Verdict::done, {}};
  return {code == exit_code::data ? Verdict::dead : Verdict::again, "exit code " + std::to_string(code)};
}

Workers::Workers(Shell& shell, std::string command, std::size_t at_once, std::function<void()> changed)
    : shell_(shell),
      command_(std::move(command)),
      at_once_(at_once),
      changed_(std::move(changed)),
      told_(tell_on_stderr(shell.loop)) {}

Workers::~Workers() { abandon(); }

void Workers::abandon() {
  for (auto& [key, run] : running_) run.process->abandon();
  running_.clear();
}

// ── taking and running ───────────────────────────────────────────────────────────────────────────────────────────────

void Workers::take(link::Message message) {
  const auto key = key_of(message);
  const auto same = [&](const link::Message& one) { return key_of(one) == key; };
  if (const auto run = running_.find(key); run != running_.end()) {
    run->second.message.attempt = message.attempt;
  } else if (std::ranges::find(done_, key) != done_.end()) {
    settle(message, {}, {});
  } else if (const auto waits = std::ranges::find_if(waiting_, same); waits != waiting_.end()) {
    *waits = std::move(message);
  } else {
    waiting_.push_back(std::move(message));
    begin_waiting();
  }
}

void Workers::begin_waiting() {
  while (!ending_ && !waiting_.empty() && running_.size() < at_once_ && may_begin_ > 0) {
    auto message = std::move(waiting_.front());
    waiting_.pop_front();
    --may_begin_;
    if (!begin(std::move(message))) return;
  }
}

Program Workers::program_for(const link::Message& message) const {
  auto variables = link::message_variables(message);
  variables.push_back("HUBBUB_URL=" + shell_.hub.str());
  Program program;
  program.words = {"/bin/sh", "-c", command_};
  program.environment = environment_with(std::move(variables), link::header_variables);
  return program;
}

bool Workers::begin(link::Message message) {
  const auto key = key_of(message);
  auto& run = running_[key];
  run.message = std::move(message);
  PipedProcess::Events events;  // without output: its stdout is ours
  events.error = [this, &run](std::string_view bytes) {
    run.last_lines.append(bytes);
    run.lines.append(bytes, [this](std::string_view line, bool) { told_.tell(line); });
  };
  events.ended = [this, key](int wait_status) { has_ended(key, wait_status); };
  auto started = PipedProcess::start(shell_.loop, program_for(run.message), std::move(events));
  if (!started) return could_not_start(key, started.error());
  run.process = *std::move(started);
  run.process->send(run.message.body);  // it need not read it
  run.process->end_input();
  return true;
}

/// What is missing here is no fault of the message while others of ours have it; alone it is tried again later, by
/// whoever can.
bool Workers::could_not_start(const Key& key, std::error_code why) {
  auto message = std::move(running_.extract(key).mapped().message);
  ++may_begin_;
  if (is_shortage(why) && !running_.empty()) {
    waiting_.push_front(std::move(message));
    return false;
  }
  const auto sentence = "the command can't be started: " + why.message();
  complain(sentence);
  settle(message, {proto::Verdict::again, sentence}, {});
  changed_();
  return true;
}

// ── its end ──────────────────────────────────────────────────────────────────────────────────────────────────────────

void Workers::has_ended(const Key& key, int wait_status) {
  const auto node = running_.extract(key);
  auto& run = node.mapped();
  run.lines.finish([this](std::string_view line, bool) { told_.tell(line); });
  auto handled = handled_by_end(wait_status);
  if (cut_off_ && handled.verdict != proto::Verdict::done) handled = {proto::Verdict::back, {}};
  tell_failure(run, wait_status, handled);
  if (handled.verdict == proto::Verdict::done) note_done(key);
  settle(run.message, handled, run.last_lines.text(detail_lines_max));
  ++finished_;
  begin_waiting();
  changed_();
}

void Workers::tell_failure(const Run& run, int wait_status, const Handled& handled) const {
  if (handled.verdict != proto::Verdict::again && handled.verdict != proto::Verdict::dead) return;
  const auto& message = run.message;
  const bool is_last = message.attempts_max > 0 && message.attempt >= message.attempts_max;
  const bool dies = is_last || handled.verdict == proto::Verdict::dead;
  complain("the command for message " + std::to_string(message.seq.value) + " of " + display(message.room) + " " +
           describe_end(wait_status) + "; attempt " + std::to_string(message.attempt) +
           (dies ? ", so it goes to the dead" : ", it is handed out again"));
}

void Workers::note_done(const Key& key) {
  done_.push_back(key);
  if (done_.size() > done_max) done_.pop_front();
}

/// What the hub isn't told, since the connection is lost, it hands out again.
void Workers::settle(const link::Message& message, const Handled& handled, std::string_view detail) {
  shell_.link.settle(message, handled.verdict, handled.reason, detail);
}

void Workers::give_back_what_waits() {
  while (auto event = shell_.link.try_next()) {
    if (std::holds_alternative<link::Closed>(*event)) break;
    if (auto* const message = std::get_if<link::Message>(&*event)) take(std::move(*message));
  }
  for (const auto& message : std::exchange(waiting_, {})) settle(message, {proto::Verdict::back, {}}, {});
}

asio::awaitable<void> Workers::finish(std::chrono::milliseconds patience, std::chrono::milliseconds grace) {
  ending_ = true;
  give_back_what_waits();
  if (!running_.empty())
    note("waiting for " + std::to_string(running_.size()) + (running_.size() == 1 ? " command" : " commands") +
         " to end; Ctrl-C again doesn't");
  auto until = std::chrono::steady_clock::now() + patience;
  while (!running_.empty()) {
    co_await shell_.sleep(look_after);
    give_back_what_waits();
    if (std::chrono::steady_clock::now() < until || cut_off_) continue;
    cut_off_ = true;
    for (auto& [key, run] : running_) run.process->stop(grace);
  }
}

}  // namespace hubbub::cli
