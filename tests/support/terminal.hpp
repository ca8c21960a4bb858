// A program under a pseudo-terminal, its screen read back.
//   TerminalProgram alice({"hubbub", "--hub", hub.url()}, {.rows = 24, .columns = 80});
//   alice.type("hi\r");
//   alice.wait_for("<~alice> hi");
// Waits are for something to be seen, with an end at which the test has failed and the screen is shown.
#pragma once

#include <sys/types.h>
#include <termios.h>

#include <csignal>
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "tests/support/deadline.hpp"
#include "tests/support/virtual_screen.hpp"

namespace hubbub::test {

struct TerminalOptions {
  int rows = 24;
  int columns = 80;
  std::map<std::string, std::string> environment;  ///< over what the test has
};

class TerminalProgram {
 public:
  /// `arguments[0]` is a program of ours (in HUBBUB_BIN_DIR) or a path.
  explicit TerminalProgram(std::vector<std::string> arguments, TerminalOptions options = {});
  ~TerminalProgram();  ///< Kills it if it still runs.
  TerminalProgram(const TerminalProgram&) = delete;
  TerminalProgram& operator=(const TerminalProgram&) = delete;

  void type(std::string_view bytes);
  /// As a terminal with bracketed paste does it.
  void paste(std::string_view text) { type("\x1b[200~" + std::string(text) + "\x1b[201~"); }
  void resize(int rows, int columns);
  void signal(int number) const { ::kill(pid_, number); }

  /// Reads what comes until the screen is as wanted. Throws Failure with the screen otherwise.
  void wait_until_seen(const std::string& what, const std::function<bool(const VirtualScreen&)>& wanted,
                       Deadline deadline = Deadline());
  /// Until that text stands somewhere on the screen.
  void wait_for(const std::string& text);
  void wait_until_gone(const std::string& text);
  /// The terminal is gone, as when its window is closed.
  void hang_up();
  /// Takes in what the program has written by now.
  void read_pending();
  /// Waits for its end. The exit code, or 128 + the signal that ended it.
  int wait();

  [[nodiscard]] const VirtualScreen& screen() const { return screen_; }
  [[nodiscard]] pid_t pid() const { return pid_; }
  /// The terminal's mode, as the shell behind the program would find it.
  [[nodiscard]] termios mode() const;
  /// The row in which that text stands; -1 if none.
  [[nodiscard]] int row_of(const std::string& text) const;

 private:
  bool read_some(int timeout_ms);
  [[noreturn]] void give_up(const std::string& what) const;

  VirtualScreen screen_;
  int terminal_ = -1;
  pid_t pid_ = -1;
  int status_ = 0;
  bool ended_ = false;
};

}  // namespace hubbub::test
