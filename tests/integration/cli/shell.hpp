// Command lines as a user types them, run by /bin/sh against a hub of the test's own.
//   Shell shell;
//   EXPECT_EQ(shell.run("echo hi | hubbub pub lobby").code, 0);
//   Job sub = shell.start("hubbub sub lobby --ready-file r");   …   EXPECT_EQ(sub.wait(), 0);
// Each Shell has a folder of its own as working directory and as home of all configuration.
#pragma once

#include <sys/types.h>

#include <map>
#include <string>
#include <string_view>

#include "tests/support/deadline.hpp"
#include "tests/support/hub_process.hpp"

namespace hubbub::test {

/// A command line that is under way. What it writes goes to files.
class Job {
 public:
  Job(pid_t pid, int input, std::string files) : pid_(pid), input_(input), files_(std::move(files)) {}
  Job(Job&& other) noexcept;
  Job& operator=(Job&&) = delete;
  ~Job();  ///< Kills it if it still runs.

  void feed(std::string_view text) const;
  void close_input();
  /// To the shell and all that it has started, as a terminal does it for Ctrl-C.
  void signal(int number) const;
  /// To the command alone, where the line is `exec COMMAND`.
  void signal_alone(int number) const;
  /// The exit code as a shell tells it: 128 + the signal that ended it. Throws Failure if it doesn't end.
  int wait();
  [[nodiscard]] std::string out() const { return read_file(files_ + ".out"); }
  [[nodiscard]] std::string err() const { return read_file(files_ + ".err"); }
  void wait_for_out(const std::string& text) const;
  void wait_for_err(const std::string& text) const;

 private:
  [[nodiscard]] std::string written() const;

  pid_t pid_;
  int input_;
  std::string files_;
};

struct Ran {
  int code;
  std::string out;
  std::string err;
};

class Shell {
 public:
  explicit Shell(HubOptions options = {});
  ~Shell();  ///< Removes the queue of an agent that was killed.
  Shell(const Shell&) = delete;
  Shell& operator=(const Shell&) = delete;

  /// Runs it with `input` on its stdin, to its end.
  Ran run(const std::string& line, std::string_view input = {});
  Job start(const std::string& line);
  /// Starts `hubbub sub` with these words and waits until it has subscribed.
  Job start_sub(const std::string& words);

  [[nodiscard]] std::string path(const std::string& name) const { return hub_.folder() + "/" + name; }
  HubProcess& hub() { return hub_; }
  /// Of the message queue of an agent in this shell: system-wide, so no other's.
  [[nodiscard]] std::string queue_name() const;

  std::map<std::string, std::string> environment;  ///< over what the test has

 private:
  HubProcess hub_;
  int jobs_ = 0;
};

}  // namespace hubbub::test
