// Who is in front of the terminal: our process group, or that of the command which we run.
//   give_to(group) --> Ctrl-C, Ctrl-Z and the keyboard are the command's           take_back() --> they are ours again
// As a shell does it for its jobs. Does nothing where there is no terminal, or another job is in front of it.
// REQUIRES: SIGTTOU is blocked, or the terminal would stop us for it.
#pragma once

#include <sys/types.h>
#include <termios.h>

#include <optional>

#include "common/descriptor.hpp"

namespace hubbub::cli {

class RunTerminal {
 public:
  RunTerminal();

  [[nodiscard]] int fd() const { return terminal_.get(); }
  /// Our group is in front of it.
  [[nodiscard]] bool is_ours() const;
  /// And nobody beside us reads or writes there (`hubbub run … | less`), so that the command may have it for good.
  [[nodiscard]] bool is_ours_alone() const;

  /// False if it isn't ours to give.
  bool give_to(pid_t group);
  /// That group has put itself in front.
  void given_to(pid_t group) { given_to_ = group; }
  /// Returns whether the command had it until now.
  bool take_back();
  /// As it was at the start: after a command that had no chance to clean up.
  void restore_modes() const;

 private:
  Descriptor terminal_;
  std::optional<termios> modes_;
  std::optional<pid_t> given_to_;
};

}  // namespace hubbub::cli
