// There is one agent for each user and hub: whoever holds the lock is it. The lock goes with the process, however that
// ends.
//   file: the process's id, the name that it has at the hub, and the hub, a line each; empty while it begins and ends
// A lock of the open file description (F_OFD_SETLK, fcntl_locking(2)), which others can look at without taking it.
#pragma once

#include <sys/types.h>

#include <optional>
#include <string>

#include "common/descriptor.hpp"
#include "proto/status.hpp"

namespace hubbub::agent {

class AgentLock {
 public:
  /// Fails with already_exists where another agent has it.
  static Result<AgentLock> take(const std::string& path);
  /// Says who holds it: from now on programs find the agent.
  Result<void> write(const std::string& name, const std::string& hub);
  /// From now on they don't.
  Result<void> clear();
  /// The file that is locked is the one that others find at that path.
  [[nodiscard]] bool is_in_place() const;
  /// Removes the file.
  void remove();

 private:
  AgentLock(std::string path, Descriptor file) : path_(std::move(path)), file_(std::move(file)) {}
  Result<void> write_text(const std::string& text);

  std::string path_;
  Descriptor file_;
};

}  // namespace hubbub::agent
