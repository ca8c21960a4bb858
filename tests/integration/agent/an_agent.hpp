// A user with an agent, at a hub of the test's own.
//   AnAgent user;   user.door().ask(R"({"op":"status"})")   user.shell.run("hubbub pub lobby -m hi")
#pragma once

#include <filesystem>
#include <nlohmann/json.hpp>
#include <optional>
#include <utility>

#include "client/link/agent_door.hpp"
#include "tests/integration/cli/shell.hpp"

namespace hubbub::test {

using Json = nlohmann::ordered_json;

/// A program at the agent's socket that speaks JSON lines.
class JsonProgram {
 public:
  explicit JsonProgram(const std::string& socket) : door_(link::AgentDoor::open(socket)) {
    if (!door_) throw Failure(door_.error().sentence);
  }
  /// The answer to one line; what comes of subscriptions before it is left out.
  Json ask(const std::string& line) {
    auto answer = parsed(door_->ask(line, patience));
    while (answer.contains("op")) answer = next();
    return answer;
  }
  Json next() { return parsed(door_->next(patience)); }
  /// The next line that has this `op`.
  Json next(std::string_view op) {
    auto line = next();
    while (line.value("op", "") != op) line = next();
    return line;
  }
  void say(const std::string& line) { static_cast<void>(door_->ask(line, Milliseconds(0))); }
  [[nodiscard]] int descriptor() const { return door_->descriptor(); }

 private:
  static Json parsed(const Result<std::string>& line) {
    if (!line) throw Failure(line.error().sentence);
    return Json::parse(*line);
  }
  Result<link::AgentDoor> door_;
};

class AnAgent {
 public:
  explicit AnAgent(HubOptions options = {}) : shell(std::move(options)) {
    shell.environment["HUBBUB_NAME"] = "alice";
    start();
  }
  ~AnAgent() {
    if (job_) stop();
  }
  AnAgent(const AnAgent&) = delete;
  AnAgent& operator=(const AnAgent&) = delete;

  /// In the foreground of the test, so that it ends with it.
  void start() {
    job_.reset();
    job_.emplace(shell.start("exec hubbub agent run"));
    job_->wait_for_err("open for programs");
  }
  /// Returns the exit code.
  int stop(int number = SIGTERM) {
    job_->signal_alone(number);
    const int code = job_->wait();
    log_ = job_->err();
    job_.reset();
    return code;
  }
  void wait_for_hub() const { job_->wait_for_err("the hub is there"); }
  [[nodiscard]] std::string log() const { return job_ ? job_->err() : log_; }
  Job& job() { return *job_; }

  [[nodiscard]] std::string folder() const {
    const auto url = shell_url();
    return shell.path("run/hubbub/127.0.0.1-") + url.substr(url.rfind(':') + 1);
  }
  [[nodiscard]] std::string socket() const { return folder() + "/sock"; }
  [[nodiscard]] JsonProgram program() const { return JsonProgram(socket()); }
  /// Said at the hub, past the agent.
  std::string said(const std::string& room, const std::string& format = "{seq} {body}") {
    return shell.run("hubbub history " + room + " --no-agent --all -F '" + format + "'").out;
  }

  Shell shell;

 private:
  [[nodiscard]] std::string shell_url() const { return shell.environment.at("HUBBUB_URL"); }
  std::optional<Job> job_;
  std::string log_;
};

}  // namespace hubbub::test
