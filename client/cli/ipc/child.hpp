// A forked process that is killed with its owner, and with its parent.
#pragma once

#include <sys/types.h>

#include <functional>

#include "proto/status.hpp"

namespace hubbub::ipc {

class Child {
 public:
  /// Forks; the child does `work`, and ends well if that returns true. Fails with unavailable.
  static Result<Child> start(const std::function<bool()>& work);
  Child(Child&& other) noexcept;
  Child& operator=(Child&&) = delete;
  ~Child();  ///< Kills it if it still runs, and collects it.

  enum class State { runs, ended_well, failed, killed };
  /// Doesn't wait, and doesn't collect it: its id stays its own.
  [[nodiscard]] State state() const;
  /// The signal that has killed it. REQUIRES: killed.
  [[nodiscard]] int killed_by() const;
  void kill() const;

 private:
  explicit Child(pid_t pid) : pid_(pid) {}
  pid_t pid_;
};

}  // namespace hubbub::ipc
