#include "client/agent/kept_helper.hpp"

#include <utility>

#include "common/random.hpp"

namespace hubbub::agent {

namespace {

double chance() { return static_cast<double>(random64() >> 11) * 0x1.0p-53; }

std::string show_seconds(std::chrono::milliseconds wait) {
  const auto tenths = (wait.count() + 50) / 100;
  return std::to_string(tenths / 10) + "." + std::to_string(tenths % 10) + " s";
}

}  // namespace

KeptHelper::KeptHelper(asio::io_context& loop, Program program, const HelperLimits& limits, Events events,
                       RestartWaits waits)
    : loop_(loop),
      program_(std::move(program)),
      limits_(limits),
      events_(std::move(events)),
      waits_(waits),
      backoff_(waits.min, waits.max),
      pause_(loop) {}

KeptHelper::~KeptHelper() {
  *alive_ = false;
  if (helper_) helper_->abandon();
}

void KeptHelper::start() {
  Helper::Events events;
  events.line = [this](std::string_view line) {
    if (events_.line) events_.line(line);
  };
  events.ended = [this](int wait_status) { has_ended(wait_status); };
  started_at_ = std::chrono::steady_clock::now();
  auto started = Helper::start(loop_, program_, limits_, std::move(events));
  if (!started) return try_again("can't be started: " + started.error().message());
  helper_ = *std::move(started);
}

void KeptHelper::has_ended(int wait_status) {
  helper_.reset();
  is_dropping_ = false;
  if (stopping_) {
    if (const auto stopped = std::exchange(stopped_, {})) stopped();
    return;
  }
  if (std::chrono::steady_clock::now() - started_at_ >= waits_.well_after) backoff_.reset();
  const auto how = describe_end(wait_status);
  try_again(how.empty() ? "has ended" : how);
}

void KeptHelper::try_again(const std::string& why) {
  const auto wait = backoff_.next(chance());
  pause_.expires_after(wait);
  pause_.async_wait([this, alive = alive_](std::error_code stopped) {
    if (*alive && !stopped && !stopping_) start();
  });
  if (events_.note) events_.note(program_.words.front() + " " + why + "; it is started again in " + show_seconds(wait));
}

bool KeptHelper::send(std::string_view bytes) {
  const bool sent = helper_ && helper_->send(bytes);
  if (!sent) ++dropped_;
  if (helper_ && !std::exchange(is_dropping_, !sent) && !sent && events_.note)
    events_.note(program_.words.front() + " doesn't read what it is sent; what doesn't fit is left out");
  return sent;
}

void KeptHelper::stop(std::chrono::milliseconds grace, std::function<void()> stopped) {
  stopping_ = true;
  pause_.cancel();
  if (!helper_) {
    if (stopped) asio::post(loop_, std::move(stopped));
    return;
  }
  stopped_ = std::move(stopped);
  helper_->stop(grace);
}

}  // namespace hubbub::agent
