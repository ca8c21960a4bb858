// People at real terminal clients, for tests: each with an identity and a home of their own.
#pragma once

#include <filesystem>
#include <map>
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
      : TerminalProgram(with_program(flags), {rows, columns, at_home(path())}) {}
  /// In a home that other programs share, or have had before.
  Client(const Home& home, const std::string& hub, const std::string& name)
      : TerminalProgram(with_program({"--hub", hub, "--name", name}), {24, 80, at_home(home.path())}) {}

  /// Joined, and ready to talk.
  void wait_until_in(const std::string& room) {
    wait_for("#" + room);
    wait_for("online");
  }
  void enter(const std::string& line) { type(line + "\r"); }

 private:
  static std::map<std::string, std::string> at_home(const std::string& folder) {
    return {{"HOME", folder},
            {"XDG_CONFIG_HOME", folder},
            {"XDG_STATE_HOME", folder},
            {"XDG_RUNTIME_DIR", folder},
            {"LC_ALL", "C"}};
  }
  static std::vector<std::string> with_program(std::vector<std::string> flags) {
    flags.insert(flags.begin(), "hubbub");
    return flags;
  }
};

/// How often `what` stands in `text`.
inline std::size_t count_of(const std::string& text, const std::string& what) {
  std::size_t count = 0;
  for (auto at = text.find(what); at != std::string::npos; at = text.find(what, at + 1)) ++count;
  return count;
}

}  // namespace hubbub::test
