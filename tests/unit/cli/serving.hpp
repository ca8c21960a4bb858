// A Handler in a loop of its own, and what became of its calls.
#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "client/cli/serve/handler.hpp"
#include "tests/support/loop.hpp"

namespace hubbub::cli::test {

/// Processes of that group that aren't zombies.
inline std::size_t alive_in_group(pid_t group) {
  std::size_t count = 0;
  for (const auto& entry : std::filesystem::directory_iterator("/proc")) {
    std::ifstream file(entry.path() / "stat");
    std::string stat;
    if (!std::getline(file, stat)) continue;
    std::istringstream behind_name(stat.substr(stat.rfind(')') + 1));
    std::string state;
    pid_t parent = 0, its_group = 0;
    behind_name >> state >> parent >> its_group;
    if (its_group == group && state != "Z" && state != "X") ++count;
  }
  return count;
}

inline std::size_t open_descriptors() {
  const std::filesystem::directory_iterator list("/proc/self/fd");
  return static_cast<std::size_t>(std::distance(begin(list), end(list)));
}

class Serving : public testing::Test {
 protected:
  Serving() {
    std::signal(SIGPIPE, SIG_IGN);
    std::signal(SIGCHLD, SIG_DFL);
  }

  std::uint64_t calls(std::string arguments = "{}", std::chrono::milliseconds deadline = {}) {
    ServedCall call;
    call.method = "scale";
    call.arguments = std::move(arguments);
    call.variables = variables;
    call.deadline = deadline;
    return calls(std::move(call));
  }
  std::uint64_t calls(ServedCall call) {
    const auto id = call.id = ++last_id;
    is_in_run = true;
    handler->run(std::move(call), [this, id](Served served) {
      EXPECT_FALSE(is_in_run) << "done came within run()";
      EXPECT_FALSE(outcomes.contains(id)) << "done came twice";
      outcomes[id] = std::move(served);
    });
    is_in_run = false;
    return id;
  }
  /// Waits for it.
  Served outcome(std::uint64_t id) {
    EXPECT_TRUE(runs_until([&] { return outcomes.contains(id); })) << "call " << id << " has no end";
    return outcomes[id];
  }
  Served called(std::string arguments = "{}") { return outcome(calls(std::move(arguments))); }

  /// Waits until something is told that has `part` in it, and returns that line.
  std::string hears(const std::string& part) {
    std::string heard;
    EXPECT_TRUE(runs_until([&] {
      for (const auto& line : told)
        if (line.find(part) != std::string::npos) heard = line;
      return !heard.empty();
    })) << "nothing with '"
        << part << "' was told, but " << testing::PrintToString(told);
    return heard;
  }
  /// Of a command that writes `pid $$` to its stderr.
  pid_t hears_pid() { return std::stoi(hears("pid ").substr(4)); }
  bool dies(pid_t group) {
    return runs_until([&] { return alive_in_group(group) == 0; });
  }
  bool runs_until(const std::function<bool()>& condition) { return hubbub::test::run_until(loop, condition); }

  asio::io_context loop;
  HandlerLimits limits;
  std::vector<std::string> variables;
  std::vector<std::string> told;
  std::map<std::uint64_t, Served> outcomes;
  bool is_in_run = false;
  std::uint64_t last_id = 0;
  std::unique_ptr<Handler> handler;
};

inline testing::Matcher<const Served&> Is(Status status, const testing::Matcher<std::string>& result) {
  return testing::AllOf(testing::Field("status", &Served::status, status),
                        testing::Field("result", &Served::result, result));
}

}  // namespace hubbub::cli::test

namespace hubbub::cli {
inline void PrintTo(const Served& served, std::ostream* out) {
  *out << name_of(served.status) << " '" << served.result.substr(0, 200) << "' (" << served.result.size() << " bytes)";
}
}  // namespace hubbub::cli
