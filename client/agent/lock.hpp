// There is one agent for each user and hub: whoever holds the lock is it. The lock goes with the process, however that
// ends.
//   file: the process's id, and the name that it has at the hub, a line each
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
  /// Says who holds it.
  Result<void> write(const std::string& name);
  /// The file that is locked is the one that others find at that path.
  [[nodiscard]] bool is_in_place() const;
  /// Removes the file.
  void remove();

 private:
  AgentLock(std::string path, Descriptor file) : path_(std::move(path)), file_(std::move(file)) {}
  std::string path_;
  Descriptor file_;
};

}  // namespace hubbub::agent
