// hubbub agent: the local helper itself, and what to ask of it.
#include <algorithm>
#include <array>
#include <cstdlib>
#include <nlohmann/json.hpp>
#include <thread>

#include "client/agent/agent.hpp"
#include "client/cli/agent_start.hpp"
#include "client/cli/complain.hpp"
#include "client/cli/exit_codes.hpp"
#include "client/cli/output.hpp"
#include "client/cli/shell.hpp"
#include "client/link/agent_door.hpp"
#include "common/duration.hpp"
#include "common/escape.hpp"

namespace hubbub::cli {

namespace {

using Json = nlohmann::ordered_json;

/// Longer than an agent waits for its hub at the end.
constexpr std::chrono::seconds stop_patience{20};

class AgentAction : public Action {
 public:
  void declare(Syntax& syntax) override;
  int run(const Globals& globals) override;

 private:
  Take take_verb();
  int run_here(const Globals& globals);
  int start(const link::Location& location);
  int status(const link::Location& location);
  int stop(const link::Location& location);
  int environment(const link::Location& location);

  static constexpr std::array<std::string_view, 5> verbs = {"run", "start", "status", "stop", "env"};
  std::string verb_ = "run";
  bool json_ = false;
};

void AgentAction::declare(Syntax& syntax) {
  syntax.operand({"VERB",
                  "run (if none is given), start, status, stop or env",
                  take_verb(),
                  Hint::choice,
                  false,
                  false,
                  {verbs.begin(), verbs.end()}});
  syntax.option({"--json", "", "status as a JSON object", store(json_)});
}

Take AgentAction::take_verb() {
  return [this](std::string_view word) -> Result<void> {
    if (std::ranges::find(verbs, word) == verbs.end())
      return fail(Status::invalid_argument, "'" + std::string(word) + "' is not run, start, status, stop or env");
    verb_ = word;
    return {};
  };
}

int AgentAction::run(const Globals& globals) {
  if (verb_ == "run") return run_here(globals);
  const auto location = link::locate(globals.hub, globals.name);
  if (!location) return complain(location.error()), exit_code::usage;
  if (verb_ == "start") return start(*location);
  if (verb_ == "status") return status(*location);
  if (verb_ == "stop") return stop(*location);
  return environment(*location);
}

int AgentAction::run_here(const Globals& globals) {
  auto options = link_options(globals);
  if (!options) return complain(options.error()), exit_code::usage;
  agent::Options agent;
  agent.link = *std::move(options);
  agent.place = link::agent_place(agent.link.hub);
  if (const char* ready = std::getenv(ready_variable)) agent.ready = std::atoi(ready);
  ::unsetenv(ready_variable);
  return agent::run_agent(std::move(agent));
}

int AgentAction::start(const link::Location& location) {
  if (const auto running = link::running_agent(link::agent_place(location.hub)))
    return note("the agent runs already, as process " + std::to_string(running->pid)), exit_code::done;
  const auto started = start_agent(location);
  return started ? exit_code::done : complain(started.error());
}

/// Asks the agent one thing.
Result<Json> ask(const link::Location& location, const char* question) {
  auto door = link::AgentDoor::open(location.hub);
  if (!door) return tl::unexpected(door.error());
  const auto line = door->ask(question);
  if (!line) return tl::unexpected(line.error());
  auto answer = Json::parse(*line, nullptr, false);
  if (!answer.is_object()) return fail(Status::internal, "the agent's answer could not be understood");
  return answer;
}

std::string show_status(const Json& status) {
  const auto text = [&](const char* field) { return escape_for_terminal(status.value(field, std::string())); };
  const auto count = [&](const char* field) { return status.value(field, std::uint64_t{0}); };
  std::string shown = "hub       " + text("hub");
  shown += status.value("online", false) ? ", connected as " + text("name") : ", away: " + text("trouble");
  shown += "\nagent     process " + std::to_string(count("pid")) + ", up " +
           show_duration(std::chrono::seconds(count("uptime_s"))) + "\nsocket    " + text("socket");
  shown += "\nsaid      " + link::show_count(count("published")) + ", of which " + std::to_string(count("spooled")) +
           " wait in the spool";
  shown += "\nrooms     " + std::to_string(count("rooms")) + " received\nprograms  " +
           std::to_string(status.value("programs", Json::array()).size());
  if (const auto readers = count("ring_readers"); readers > 0)
    shown += ", of which " + std::to_string(readers) + (readers == 1 ? " reads" : " read") + " the ring";
  shown += "\n";
  for (const auto& one : status.value("closed_doors", Json::array()))
    shown += "closed    the " + one.value("door", std::string()) + ": " +
             escape_for_terminal(one.value("why", std::string())) + "\n";
  for (const auto& one : status.value("programs", Json::array()))
    shown += "  " + std::to_string(one.value("pid", 0)) + "  " + one.value("protocol", std::string()) + "  " +
             escape_for_terminal(one.value("program", std::string())) + "\n";
  return shown;
}

int AgentAction::status(const link::Location& location) {
  const auto status = ask(location, R"({"op":"status"})");
  if (!status) return complain(status.error());
  return print(json_ ? status->dump() + "\n" : show_status(*status)) ? exit_code::done : exit_code::input_output;
}

int AgentAction::stop(const link::Location& location) {
  const auto agent = link::find_agent(location.hub);
  auto door = link::AgentDoor::open(location.hub);
  if (!agent || !door) return complain(door ? Error{Status::unavailable, "the agent has just ended"} : door.error());
  if (const auto line = door->ask(R"({"op":"stop"})"); !line) return complain(line.error());
  for (const auto until = std::chrono::steady_clock::now() + stop_patience; link::is_agent_locked(agent->place);) {
    if (std::chrono::steady_clock::now() > until)
      return complain({Status::deadline_exceeded, "the agent takes too long to end; its log says what it does"});
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
  }
  return exit_code::done;
}

/// For `eval "$(hubbub agent env)"`. A path of a runtime directory may hold anything: it is quoted.
int AgentAction::environment(const link::Location& location) {
  const auto place = link::agent_place(location.hub);
  const auto quoted = [](const std::string& text) {
    std::string shown = "'";
    for (const char c : text) c == '\'' ? shown.append("'\\''") : shown.append(1, c);
    return shown + "'";
  };
  const auto lines = "HUBBUB_URL=" + quoted(location.hub.str()) +
                     "; export HUBBUB_URL;\nHUBBUB_SOCK=" + quoted(place.socket()) +
                     "; export HUBBUB_SOCK;\nHUBBUB_ROOMS=" + quoted(place.rooms()) + "; export HUBBUB_ROOMS;\n";
  return print(lines) ? exit_code::done : exit_code::input_output;
}

constexpr std::array examples = {
    Example{"hubbub agent start", "in the background; commands that need it start it by themselves"},
    Example{"eval \"$(hubbub agent env)\"", "HUBBUB_SOCK and HUBBUB_ROOMS, for programs of this shell"},
    Example{R"(echo '{"op":"pub","room":"lobby","text":"hi"}' | nc -NU $HUBBUB_SOCK)", "any program is a client"},
    Example{"hubbub agent status", "what it is doing, and for whom"},
};

}  // namespace

extern const Command agent_command;
const Command agent_command = {
    "agent",
    "the local helper: one connection to the hub for every program of yours here",
    "[run | start | status | stop | env] [--json]",
    "Holds one connection to the hub and opens local doors, through which any program takes part: a socket that speaks "
    "JSON lines and the hub's own protocol, FIFOs and files, shared memory, a message queue. There is one for each "
    "user "
    "and hub. Commands that need it start it; pub, say, sub, who and others use it where it runs, unless --no-agent is "
    "given.\n\n"
    "While the hub is away the agent keeps what programs say in an outbox, and sends it, once and in order, when the "
    "hub "
    "is back. It lives in $XDG_RUNTIME_DIR/hubbub, or /tmp/hubbub-UID, which must be yours alone. TERM and stop let it "
    "end what it has begun; HUP makes it read its configuration again.",
    examples,
    make_action<AgentAction>,
};

}  // namespace hubbub::cli
