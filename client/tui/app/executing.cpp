// What /exec runs: a helper whose stdin is at its end, without a terminal.
#include <utility>

#include "client/tui/app/app.hpp"
#include "common/escape.hpp"

namespace hubbub::tui {

namespace {

/// Between SIGTERM and SIGKILL.
constexpr std::chrono::milliseconds grace{500};

HelperLimits limits() {
  HelperLimits limits;
  limits.lines_per_second_max = 1000;
  return limits;
}

}  // namespace

void App::execute(const Execute& effect) {
  Program program;
  program.words = {"/bin/sh", "-c", effect.command};
  Helper::Events events;
  events.line = [this](std::string_view line) {
    tick();
    happen(ExecLine{escape_lines_for_terminal(line)});
  };
  events.ended = [this](int wait_status) {
    const auto helper = std::exchange(executed_, nullptr);
    execution_over_.cancel();
    tick();
    happen(ExecEnded{describe_end(wait_status), helper->lines_left_out()});
  };
  auto started = Helper::start(loop_, std::move(program), limits(), std::move(events));
  if (!started) return happen(ExecEnded{"could not be started: " + started.error().message()});
  executed_ = *std::move(started);
  executed_->end_input();
}

void App::end_execution() {
  if (executed_) executed_->stop(grace);
}

asio::awaitable<void> App::end_execution_for_good() {
  if (!executed_) co_return;
  executed_->stop(grace);
  std::error_code over;
  execution_over_.expires_after(2 * grace);
  co_await execution_over_.async_wait(asio::redirect_error(asio::use_awaitable, over));
}

}  // namespace hubbub::tui
