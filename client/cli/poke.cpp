// hubbub poke: has the agent send a signal to a process whenever something is new.
#include <array>
#include <csignal>
#include <limits>

#include "client/agent/poke_signal.hpp"
#include "client/cli/agent_start.hpp"
#include "client/cli/command.hpp"
#include "client/cli/complain.hpp"
#include "client/cli/exit_codes.hpp"
#include "client/cli/poke_request.hpp"
#include "client/link/agent_door.hpp"
#include "client/link/location.hpp"

namespace hubbub::cli {

namespace {

/// Fails with what the agent refuses.
Result<void> ask_agent(const Globals& globals, const link::Location& location, const std::string& line) {
  if (auto started = want_agent(globals, location); !started) return started;
  auto door = link::AgentDoor::open(location.hub);
  if (!door) return tl::unexpected(door.error());
  const auto answer = door->ask(line);
  if (!answer) return tl::unexpected(answer.error());
  return refusal_in(*answer);
}

class Poke : public Action {
 public:
  void declare(Syntax& syntax) override {
    syntax.option({"--pid", "PID", "the process that is to be poked", store(pid_, 1, std::numeric_limits<int>::max())});
    syntax.option({"--signal", "SIGNAL", "RTMIN+8, USR1, … or a number; USR1 if not given", take_signal()});
    syntax.option({"--on",
                   "unread|mention|presence",
                   "what to be poked on; may be given again; unread if not given",
                   [this](std::string_view word) { return add_poke_on(word, request_.on); },
                   Hint::choice,
                   {"unread", "mention", "presence"},
                   true});
  }

  Result<void> check() override {
    if (!pid_) return fail(Status::invalid_argument, "--pid: say which process is to be poked");
    request_.pid = static_cast<int>(*pid_);
    if (request_.on.empty()) request_.on.push_back(agent::PokeOn::unread);
    return {};
  }

  int run(const Globals& globals) override {
    const auto location = link::locate(globals.hub, globals.name);
    if (!location) {
      complain(location.error());
      return exit_code::usage;
    }
    const auto done = ask_agent(globals, *location, poke_line(request_));
    return done ? exit_code::done : complain(done.error());
  }

 private:
  Take take_signal() {
    return [this](std::string_view word) -> Result<void> {
      const auto signal = agent::parse_signal(word);
      if (!signal) return tl::unexpected(signal.error());
      request_.signal = *signal;
      return {};
    };
  }

  std::optional<std::uint64_t> pid_;
  PokeRequest request_{0, SIGUSR1, {}};
};

constexpr std::array examples = {
    Example{"hubbub poke --pid $(pidof waybar) --signal RTMIN+8 --on unread", "waybar reads the board anew at once"},
    Example{"hubbub poke --pid $$ --signal USR1 --on mention --on presence", "a script that has `trap … USR1`"},
};

}  // namespace

extern const Command poke_command;
const Command poke_command = {
    "poke",
    "have a process sent a signal when something is new",
    "--pid PID [--signal SIGNAL] [--on unread|mention|presence]…",
    "The agent sends SIGNAL to the process PID when a count of unread messages has changed, somebody has mentioned "
    "you, or "
    "somebody has come, gone or stepped away. At most ten times a second: what happens meanwhile is one signal at the "
    "end. The signal says that something is new; what, the board says (hubbub board).\n\n"
    "It ends with the process or the agent, and never reaches another process that gets the same number later. Only "
    "your "
    "own processes are poked, and only by a signal that they are ready for.",
    examples,
    make_action<Poke>,
};

}  // namespace hubbub::cli
