#include "client/agent/hooks.hpp"

#include <utility>

#include "client/link/message_variables.hpp"
#include "common/log.hpp"

namespace hubbub::agent {

/// One process for one message.
struct Hooks::Running {
  Running(asio::io_context& loop, HookRule its_rule, RoomName its_room)
      : rule(std::move(its_rule)), room(std::move(its_room)), limit(loop) {}

  const HookRule rule;
  const RoomName room;
  asio::steady_timer limit;
  std::shared_ptr<Helper> helper;
  std::string reply;
  bool took_too_long = false;
};

Hooks::Hooks(asio::io_context& loop, std::vector<std::string> variables, Outlet outlet, HookLimits limits)
    : loop_(loop), variables_(std::move(variables)), outlet_(std::move(outlet)), limits_(limits) {}

Hooks::~Hooks() {
  for (auto& running : running_) running.helper->abandon();
}

void Hooks::note(const std::string& sentence) const { outlet_.note ? outlet_.note(sentence) : log::warn(sentence); }

void Hooks::tell_line(const HookRule& rule, std::string_view line) const {
  if (outlet_.line) return outlet_.line(rule.run.front(), line);
  log::info("a hook says", {{"hook", rule.run.front()}, {"line", line}});
}

// ── messages ────────────────────────────────────────────────────────────────────────────────────────────────────────

void Hooks::on_message(const link::Message& message, const PersonName& self) {
  if (stopping_) return;
  for (const auto& rule : rules_)
    if (!rule.keep && applies(rule, message, self)) enqueue(rule, message);
  std::string line;
  for (const auto& kept : kept_) {
    if (!applies(kept.rule, message, self)) continue;
    if (line.empty()) line = outlet_.json_line(message);
    kept.helper->send(line);
  }
  start_queued();
}

void Hooks::enqueue(const HookRule& rule, const link::Message& message) {
  const bool free = running_.size() + queue_.size() < limits_.running_max;
  const bool room =
      queue_.size() < limits_.queued_max && message.body.size() <= limits_.queued_bytes_max - queued_bytes_;
  if (!free && !room) {
    ++left_out_;
    if (left_out_in_a_row_++ == 0)
      note("too many hooks wait to be run: " + rule.run.front() + " is left out for message " +
           std::to_string(message.seq.value) + " of " + display(message.room));
    return;
  }
  if (const auto count = std::exchange(left_out_in_a_row_, 0); count > 1)
    note(std::to_string(count) + " hooks were left out");
  queued_bytes_ += message.body.size();
  queue_.push_back({rule, message});
}

void Hooks::start_queued() {
  while (!stopping_ && !queue_.empty() && running_.size() < limits_.running_max) {
    auto job = std::move(queue_.front());
    queue_.pop_front();
    queued_bytes_ -= job.message.body.size();
    start(std::move(job));
  }
}

void Hooks::start(Job job) {
  auto variables = link::message_variables(job.message);
  variables.insert(variables.end(), variables_.begin(), variables_.end());
  Program program;
  program.words = job.rule.run;
  program.environment = environment_with(std::move(variables), link::header_variables);
  const auto place = running_.emplace(running_.end(), loop_, std::move(job.rule), job.message.room);
  Helper::Events events;
  events.line = [this, place](std::string_view line) { take_line(*place, line); };
  events.ended = [this, place](int wait_status) { has_ended(place, wait_status); };
  auto started = Helper::start(loop_, std::move(program), limits_.helper, std::move(events));
  if (!started) {
    note("the hook " + place->rule.run.front() + " can't be started: " + started.error().message());
    running_.erase(place);
    return;
  }
  place->helper = *std::move(started);
  place->helper->send(job.message.body);
  place->helper->end_input();
  place->limit.expires_after(place->rule.limit);
  place->limit.async_wait([this, place, helper = place->helper](std::error_code ended) {
    if (ended || helper->has_ended() || helper->is_abandoned()) return;
    place->took_too_long = true;
    helper->stop(limits_.grace);
  });
}

void Hooks::take_line(Running& running, std::string_view line) {
  if (!running.rule.reply) return tell_line(running.rule, line);
  if (running.reply.size() + line.size() >= limits_.reply_bytes_max) return;
  running.reply.append(running.reply.empty() ? "" : "\n").append(line);
}

void Hooks::has_ended(RunningPlace place, int wait_status) {
  const auto& rule = place->rule;
  const auto left_out = place->helper->lines_left_out();
  if (left_out > 0) tell_line(rule, "… and " + std::to_string(left_out) + " more lines");
  const auto how = describe_end(wait_status);
  if (place->took_too_long)
    note("the hook " + rule.run.front() + " took more than " + std::to_string(rule.limit.count()) + " s and was ended");
  else if (!how.empty())
    note("the hook " + rule.run.front() + " " + how);
  if (how.empty() && !place->reply.empty())
    outlet_.reply(place->room, std::move(place->reply));
  else if (!place->reply.empty())
    tell_line(rule, place->reply);
  running_.erase(place);
  start_queued();
  tell_if_stopped();
}

// ── those that are kept ─────────────────────────────────────────────────────────────────────────────────────────────

void Hooks::set_rules(std::vector<HookRule> rules) {
  if (stopping_) return;
  rules_ = std::move(rules);
  let_go_of_kept();
  for (const auto& rule : rules_)
    if (rule.keep) keep(rule);
}

void Hooks::keep(const HookRule& rule) {
  Program program;
  program.words = rule.run;
  program.environment = environment_with(variables_, link::header_variables);
  KeptHelper::Events events;
  events.line = [this, rule](std::string_view line) { tell_line(rule, line); };
  events.note = [this](const std::string& sentence) { note("the hook " + sentence); };
  kept_.push_back({rule, std::make_unique<KeptHelper>(loop_, std::move(program), limits_.helper, std::move(events),
                                                      limits_.waits)});
  kept_.back().helper->start();
}

void Hooks::let_go_of_kept() {
  for (auto& kept : kept_) {
    if (!kept.helper->is_running()) continue;
    auto* const helper = ending_.emplace_back(std::move(kept.helper)).get();
    helper->stop(limits_.grace, [this, helper] { forget_kept(helper); });
  }
  kept_.clear();
}

void Hooks::forget_kept(KeptHelper* helper) {
  std::erase_if(ending_, [helper](const auto& one) { return one.get() == helper; });
  tell_if_stopped();
}

void Hooks::stop(std::function<void()> stopped) {
  stopping_ = true;
  stopped_ = std::move(stopped);
  queue_.clear();
  let_go_of_kept();
  for (auto& running : running_) running.helper->stop(limits_.grace);
  if (running_.empty() && ending_.empty()) asio::post(loop_, std::exchange(stopped_, {}));
}

void Hooks::tell_if_stopped() {
  if (!stopping_ || !running_.empty() || !ending_.empty()) return;
  if (const auto stopped = std::exchange(stopped_, {})) stopped();
}

}  // namespace hubbub::agent
