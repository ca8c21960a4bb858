#include "client/cli/where.hpp"

#include <algorithm>
#include <utility>

#include "client/cli/complain.hpp"
#include "client/json/message_json.hpp"
#include "client/json/pretty.hpp"

namespace hubbub::cli {

namespace {

/// That wait for their verdicts, or for the reader.
constexpr std::size_t held_max = 8192;
constexpr std::size_t held_bytes_max = 4 * 1024 * 1024;

/// jq works on one line while it has the next one.
constexpr std::size_t lines_asked_max = 2;
constexpr std::size_t line_bytes_max = 64 * 1024;

/// An expression that takes long is asked less at once, so that its verdicts come within the time.
constexpr std::size_t at_once_first = 16;
constexpr std::chrono::milliseconds fast_answer{50}, slow_answer{500};

std::size_t bytes_of(const link::Incoming& event) {
  const auto* message = std::get_if<link::Message>(&event);
  return sizeof(event) + (message != nullptr ? message->body.size() : 0);
}

}  // namespace

Where::Where(asio::io_context& loop, const std::string& expression)
    : loop_(loop),
      with_message_(asks_for_message(expression)),
      jq_(loop, expression,
          {[this](const std::vector<JqVerdict>& verdicts) { answered(verdicts); },
           [](std::string_view line) { complain(line.starts_with("jq: ") ? line : "jq: " + std::string(line)); },
           [this](Error why) {
             failed_ = std::move(why);
             ready_.all();
           }}),
      at_once_(at_once_first),
      ready_(loop),
      room_(loop) {}

Result<void> Where::start(Receiver::Source from) {
  if (auto started = jq_.start(); !started) return started;
  from_ = std::move(from);
  asio::co_spawn(loop_, pump(), [](std::exception_ptr problem) {
    if (problem) std::rethrow_exception(problem);
  });
  return {};
}

Receiver::Source Where::source() {
  return {[this] { return next(); }, [this] { return try_next(); }};
}

// ── in ──────────────────────────────────────────────────────────────────────────────────────────────────────────────

asio::awaitable<void> Where::pump() {
  while (!failed_) {
    auto event = co_await from_->next();
    const bool last = std::holds_alternative<link::Closed>(event);
    hold(std::move(event));
    while (has_room()) {
      auto more = from_->try_next();
      if (!more) break;
      hold(*std::move(more));
    }
    ask();
    if (last) co_return;
    while (!has_room()) {
      const bool woken = co_await room_.wait();
      if (!woken) co_return;
    }
  }
}

bool Where::has_room() const { return held_.size() < held_max && bytes_ < held_bytes_max; }

void Where::hold(link::Incoming event) {
  const auto bytes = bytes_of(event);
  bytes_ += bytes;
  held_.push_back({std::move(event), bytes, Verdict::none});
}

// ── to jq ───────────────────────────────────────────────────────────────────────────────────────────────────────────

void Where::ask() {
  while (!failed_ && jq_.lines_asked() < lines_asked_max && unasked_ < first_ + held_.size()) ask_once();
  ready_.all();
}

void Where::ask_once() {
  JqQuestions questions;
  Asked asked{{}, std::chrono::steady_clock::now()};
  for (; unasked_ < first_ + held_.size(); ++unasked_) {
    if (questions.count() == at_once_ || questions.line().size() > line_bytes_max) break;
    auto& held = at(unasked_);
    const auto* message = std::get_if<link::Message>(&held.event);
    if (message != nullptr && add_question(*message, questions))
      asked.numbers.push_back(unasked_);
    else
      held.verdict = Verdict::no;
  }
  if (questions.count() == 0) return;
  asked_.push_back(std::move(asked));
  jq_.ask(questions);
}

/// False if its body isn't JSON.
bool Where::add_question(const link::Message& message, JqQuestions& questions) const {
  std::string text, fields;
  const auto depth = json::minify(message.body, text);
  if (!depth || *depth > Jq::depth_max) return false;
  if (with_message_) json::append_json_without_body(message, fields);
  questions.add(text, fields);
  return true;
}

void Where::answered(const std::vector<JqVerdict>& verdicts) {
  const auto asked = std::move(asked_.front());
  asked_.pop_front();
  for (std::size_t i = 0; i < verdicts.size(); ++i) {
    auto& held = at(asked.numbers[i]);
    held.verdict = verdicts[i].matches ? Verdict::yes : Verdict::no;
    if (!verdicts[i].error.empty()) tell_error(std::get<link::Message>(held.event), verdicts[i].error);
  }
  adapt(std::chrono::steady_clock::now() - asked.when);
  ask();
}

void Where::adapt(std::chrono::steady_clock::duration took) {
  if (took < fast_answer) at_once_ = std::min(2 * at_once_, Jq::questions_max);
  if (took > slow_answer) at_once_ = std::max<std::size_t>(at_once_ / 4, 1);
}

void Where::tell_error(const link::Message& message, const std::string& error) {
  if (std::exchange(told_error_, true)) return;
  note("--where failed on message " + std::to_string(message.seq.value) + " of " + display(message.room) +
       ", which counts as no match; jq: " + error + " (further failures aren't told)");
}

// ── out ─────────────────────────────────────────────────────────────────────────────────────────────────────────────

asio::awaitable<link::Incoming> Where::next() {
  while (true) {
    auto event = try_next();
    if (event) co_return *std::move(event);
    const bool woken = co_await ready_.wait();
    if (!woken) throw std::system_error(asio::error::make_error_code(asio::error::operation_aborted));
  }
}

std::optional<link::Incoming> Where::try_next() {
  if (held_.empty() || held_.front().verdict == Verdict::none) {
    if (!failed_) return std::nullopt;
    return link::Closed{*failed_};
  }
  auto held = std::move(held_.front());
  held_.pop_front();
  ++first_;
  bytes_ -= held.bytes;
  matched_ = held.verdict == Verdict::yes;
  if (has_room()) room_.all();
  return std::move(held.event);
}

}  // namespace hubbub::cli
