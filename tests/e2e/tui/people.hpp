// People at real terminal clients, for tests: each with an identity and a home of their own.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "tests/support/hub_process.hpp"
#include "tests/support/terminal.hpp"
#include "tests/support/wire_client.hpp"

namespace hubbub::test {

/// A folder that goes away with the test.
class Home {
 public:
  Home();
  ~Home();
  Home(const Home&) = delete;
  Home& operator=(const Home&) = delete;
  [[nodiscard]] const std::string& path() const { return path_; }

 private:
  std::string path_;
};

/// `hubbub` on a pseudo-terminal.
class Client : private Home, public TerminalProgram {
 public:
  Client(const std::string& hub, const std::string& name, int rows = 24, int columns = 80)
      : Client({"--hub", hub, "--name", name}, rows, columns) {}
  explicit Client(const std::vector<std::string>& flags, int rows = 24, int columns = 80)
      : TerminalProgram(with_program(flags), {rows,
                                              columns,
                                              {{"HOME", path()},
                                               {"XDG_CONFIG_HOME", path()},
                                               {"XDG_STATE_HOME", path()},
                                               {"XDG_RUNTIME_DIR", path()},
                                               {"LC_ALL", "C"}}}) {}

  /// Joined, and ready to talk.
  void wait_until_in(const std::string& room) {
    wait_for("#" + room);
    wait_for("online");
  }
  void enter(const std::string& line) { type(line + "\r"); }

 private:
  static std::vector<std::string> with_program(std::vector<std::string> flags) {
    flags.insert(flags.begin(), "hubbub");
    return flags;
  }
};

}  // namespace hubbub::test
