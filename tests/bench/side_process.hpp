// A part of a workload in a process of its own, and memory that all of its processes share.
#pragma once

#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <cstdio>
#include <exception>
#include <new>

#include "tests/bench/system.hpp"

namespace hubbub::bench {

/// Forked; killed with its owner, and with the bench.
class SideProcess {
 public:
  template <class Act>
  explicit SideProcess(Act act) : pid_(::fork()) {
    if (pid_ < 0) fail_with_errno("fork");
    if (pid_ > 0) return;
    ::prctl(PR_SET_PDEATHSIG, SIGKILL);
    int code = 0;
    try {
      act();
    } catch (const std::exception& error) {
      std::fprintf(stderr, "%s\n", error.what());
      code = 1;
    }
    ::_exit(code);
  }
  SideProcess(SideProcess&& other) noexcept : pid_(std::exchange(other.pid_, -1)) {}
  SideProcess& operator=(SideProcess&&) = delete;
  ~SideProcess() {
    if (pid_ <= 0) return;
    ::kill(pid_, SIGKILL);
    ::waitpid(pid_, nullptr, 0);
  }

  /// Until join().
  [[nodiscard]] bool runs() const {
    siginfo_t ended{};
    return ::waitid(P_PID, static_cast<id_t>(pid_), &ended, WEXITED | WNOHANG | WNOWAIT) == 0 && ended.si_pid == 0;
  }
  /// Waits for its end. Throws Failed if that isn't a good one.
  void join() {
    int status = 0;
    const bool ended = ::waitpid(std::exchange(pid_, -1), &status, 0) > 0;
    if (!ended || !WIFEXITED(status) || WEXITSTATUS(status) != 0) throw Failed("a process of the workload has failed");
  }

 private:
  pid_t pid_;
};

/// One T, the same for every process that is forked after it was made.
template <class T>
class Shared {
 public:
  Shared() {
    void* const memory = ::mmap(nullptr, sizeof(T), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (memory == MAP_FAILED) fail_with_errno("shared memory");
    object_ = new (memory) T;
  }
  ~Shared() { ::munmap(object_, sizeof(T)); }
  Shared(const Shared&) = delete;
  Shared& operator=(const Shared&) = delete;

  T* operator->() const { return object_; }
  T& operator*() const { return *object_; }

 private:
  T* object_ = nullptr;
};

}  // namespace hubbub::bench
