// hubbub ping: how far away the hub is. As ping(8).
#include <array>

#include "client/cli/complain.hpp"
#include "client/cli/exit_codes.hpp"
#include "client/cli/ping_summary.hpp"
#include "client/cli/shell.hpp"
#include "common/escape.hpp"

namespace hubbub::cli {

namespace {

using Clock = std::chrono::steady_clock;

class PingHub : public OnlineAction {
 public:
  void declare(Syntax& syntax) override {
    syntax.option({"-c,--count", "COUNT", "end after so many", store(count_, 1)});
    syntax.option({"-i,--interval", "DURATION", "from one to the next; 1s if not given", store(interval_)});
  }

 protected:
  [[nodiscard]] bool uses_agent() const override { return false; }
  asio::awaitable<int> talk(Shell& shell) override {
    shell.out.end_with_reader();
    begun_ = Clock::now();
    const auto& hub = shell.link.welcome().hub;
    if (!shell.globals.quiet)
      shell.out.buffer().append("PING " + shell.hub.str() + " (" + escape_for_terminal(hub.str()) + ")\n");
    while (true) {
      co_await ping_once(shell);
      const bool written = co_await shell.out.flush();
      if (!written) co_return exit_code::input_output;
      if (summary_.sent == count_) break;
      co_await shell.sleep(interval_.value_or(std::chrono::seconds(1)));
    }
    shell.out.buffer() += told(shell);
    co_return code();
  }

  int interrupted(Shell& shell, int code_of_signal) override {
    if (summary_.sent == 0) return code_of_signal;
    print("\n" + told(shell));
    return code();
  }

 private:
  asio::awaitable<void> ping_once(Shell& shell) {
    ++summary_.sent;
    const auto sent = Clock::now();
    const proto::HubPing ping;
    const auto answer = co_await shell.link.call(ping, shell.call_options());
    const std::chrono::duration<double, std::milli> took = Clock::now() - sent;
    if (answer) summary_.add(took.count());
    if (shell.globals.quiet) co_return;
    const auto number = std::to_string(summary_.sent);
    shell.out.buffer() += answer ? "answer " + number + ": " + PingSummary::show_ms(took.count()) + " ms\n"
                                 : "no answer " + number + ": " + escape_for_terminal(answer.error().sentence) + "\n";
  }

  std::string told(const Shell& shell) const {
    const auto took = std::chrono::duration_cast<std::chrono::milliseconds>(Clock::now() - begun_);
    return "--- " + shell.hub.str() + " ---\n" + summary_.str(took);
  }
  [[nodiscard]] int code() const { return summary_.answered > 0 ? exit_code::done : exit_code::unavailable; }

  std::optional<std::uint64_t> count_;
  std::optional<std::chrono::milliseconds> interval_;
  PingSummary summary_;
  Clock::time_point begun_;
};

constexpr std::array examples = {
    Example{"hubbub ping", "until Ctrl-C"},
    Example{"hubbub ping -c 1 > /dev/null && echo there", "is the hub there?"},
};

}  // namespace

extern const Command ping_command;
const Command ping_command = {
    "ping",
    "ask the hub for an answer and measure how long it takes",
    "[-c COUNT] [-i DURATION]",
    "Measures the time from the call to the answer, through the hub's own queues. Ends after COUNT or at Ctrl-C with a "
    "summary, which is all that --quiet shows. The exit code is 0 if there was any answer.",
    examples,
    make_action<PingHub>,
};

}  // namespace hubbub::cli
